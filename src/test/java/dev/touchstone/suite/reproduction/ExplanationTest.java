package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.touchstone.suite.golden.InputException;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Of this repository's claims; not of those about GPT-2, for which passes are counted. */
class ExplanationTest {
  @Test
  void tellsWhatAFormulaIsHeldAgainst() throws IOException {
    assertThat(Suite.explain("exp10d:p09/relu-30"))
        .startsWith("exp10d:p09/relu-30")
        .contains(
            "kernels on 30 heads would make attention over 1024 tokens 1.23x as fast",
            "  expected    1.23x",
            "  tolerance   ±0.0050x, half a unit of the last printed digit and what floats are off by"
                + " on a CPU",
            "  severity    critical",
            "  written at  golden/claims/exp10d.yaml:",
            "  observable  flops/speed-up/30/1024",
            "  needs       arithmetic alone",
            "  checked by  the figure is 144 * 1024 * (4 * 64 + 5)",
            "  ledger      ",
            "  alone by    mvn verify -Dgroups=exp10d -Dtouchstone.claim=exp10d:p09/relu-30");
  }

  @Test
  void tellsWhatIsStatedAndWhatIsOnlyRecomputed() throws IOException {
    assertThat(Suite.explain("spd:p01"))
        .contains("from 1e-6 as the claim states", "some seconds at most; none of it is kept");
    assertThat(Suite.explain("exp06:p06/unique"))
        .contains("nothing but the other printed figures", "one W_QK for each cluster remains");
  }

  @Test
  void suggestsTheClaimThatWasMeant() {
    assertThatThrownBy(() -> Suite.explain("exp06:p06/uniqe"))
        .isInstanceOf(InputException.class)
        .hasMessage("no claim has the id exp06:p06/uniqe; did you mean \"exp06:p06/unique\"?");
    assertThatThrownBy(() -> Suite.explain("spd:p02"))
        .hasMessage(
            "no claim has the id spd:p02; it makes several: spd:p02/elsewhere or spd:p02/chosen");
  }
}
