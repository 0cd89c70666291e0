package dev.touchstone.suite.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.touchstone.corpus.Unavailable;
import dev.touchstone.suite.golden.ClaimCatalog;
import dev.touchstone.suite.golden.PlanFile;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observatory;
import dev.touchstone.suite.observation.Protocol;
import dev.touchstone.suite.observation.Tier;
import dev.touchstone.suite.page.VerdictFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SensitivityTest {
  @TempDir private Path folder;

  /** Everything seen is twice as large, and names are not looked for. */
  private static final class Doubled implements Observatory {
    @Override
    public List<String> subjects() {
      return List.of("gpt2");
    }

    @Override
    public Observables observables(String subject, Tier tier) {
      return new Observables()
          .add(
              "seen/{value:-?[0-9.]+}",
              path -> Observation.quantity(2 * Double.parseDouble(path.text("value"))))
          .add(
              "absent",
              path -> {
                throw new Unavailable("costs too much", "");
              });
    }
  }

  private static final String CLAIMS =
      """
      report: exp1
      subject: gpt2
      claims:
        - {id: exp1:p01, says: at most three, kind: at-most, expected: 3, unit: number, observable: seen/2}
        - {id: exp1:p02, says: at most nine, kind: at-most, expected: 9, unit: number, observable: seen/2}
        - {id: exp1:p03, says: a value, expected: 2.0, unit: number, observable: seen/2}
        - {id: exp1:p04, says: nothing to double, expected: 0.0, unit: number, observable: seen/0}
        - {id: exp1:p05, says: away, expected: 2.0, unit: number, observable: absent}
        - {id: exp1:p06, says: names, kind: order, expected: L1, observable: named/L1}
      """;

  private Sensitivity on(String subject) {
    GoldenFolder golden = new GoldenFolder(folder).write("a.yaml", CLAIMS);
    return Sensitivity.of(
        subject,
        Protocol.SIGNED_RANKING,
        golden.read().claims(),
        golden.environment(),
        new Doubled());
  }

  @Test
  void onTheReportsSubjectEveryVerdictMayChange() {
    Sensitivity sensitivity = on("gpt2");

    assertThat(sensitivity.changed())
        .extracting(shift -> shift.claim().id())
        .containsExactly("exp1:p01", "exp1:p03");
    assertThat(sensitivity.shifts()).hasSize(4);
    assertThat(sensitivity.left()).containsOnlyKeys("the weights are not here");
  }

  @Test
  void elsewhereOnlyStatementsHaveAnswersAndFiguresMove() {
    Sensitivity sensitivity = on("nano144");

    assertThat(sensitivity.changed())
        .extracting(shift -> shift.claim().id())
        .containsExactly("exp1:p01");
    assertThat(sensitivity.shifts().get(2).beyondDigits()).isTrue();
    assertThat(sensitivity.shifts().get(2).move()).hasValue(1);
    assertThat(sensitivity.shifts().get(3).move()).isEmpty();
  }

  @Test
  void hasAPage() throws IOException {
    GoldenFolder golden = new GoldenFolder(folder).write("a.yaml", CLAIMS);
    ClaimCatalog catalog = golden.read();
    Run run = new Run(catalog, golden.environment(), Instant.EPOCH);
    run.varied(on("nano144"));
    Files.writeString(folder.resolve("ledger"), "[]\n");

    VerdictFiles.write(
        run,
        Ledger.read(folder.resolve("ledger"), catalog),
        List.of(new OtherSubject("nano144", "is small", 128)),
        new PlanFile("", List.of()),
        folder);

    assertThat(folder.resolve("sensitivity.md"))
        .content()
        .contains(
            "nano144 it is a changed yes or no of a statement, and of a printed value only how far"
                + " nano144's figure moves.",
            "| `nano144` | heads are ranked by their signed effect, not by its magnitude | 4 | 2 |"
                + " 1 | 2 | 1 | 1 |",
            "| `exp1:p01` | at most three | yes, 2 | **no**, 4 | at most 3 |",
            "Of 3 numbers 3 move, half of these by no more than 100.0%.",
            "Not measured, 1: the weights are not here.");
    assertThat(folder.resolve("sensitivity.json")).content().contains("\"answer changes\" : true");
    assertThat(folder.resolve("summary.md"))
        .content()
        .contains("- on nano144, 1 answers change when heads are ranked by their signed effect");
  }
}
