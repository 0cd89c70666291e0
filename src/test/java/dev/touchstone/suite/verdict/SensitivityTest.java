package dev.touchstone.suite.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.Map;
import java.util.TreeMap;
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
                throw Unavailable.notSupported("costs too much");
              })
          .add("failing", path -> Observation.quantity(1));
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
    return on(subject, CLAIMS);
  }

  private Sensitivity on(String subject, String claims) {
    GoldenFolder golden = new GoldenFolder(folder).write("a.yaml", claims);
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

  private static final String HEADS =
      """
      report: exp1
      subject: gpt2
      claims:
        - {id: exp1:p01, says: hurts most, kind: order, expected: L0H1, observable: heads/zero/rank/1/head}
        - {id: exp1:p02, says: can go, expected: 20, unit: number, observable: cumulative/zero-all/within/1.1/heads}
        - {id: exp1:p03, says: a value, expected: 2.0, unit: number, observable: seen/2}
      """;

  /** Another head hurts most, a quarter of random ones as much, and some more heads can go. */
  private record Ablated(int head, double within) implements Observatory {
    @Override
    public List<String> subjects() {
      return List.of("gpt2", "nano144");
    }

    @Override
    public Observables observables(String subject, Tier tier) {
      return new Observables()
          .add("heads/zero/rank/1/head", path -> new Observation.Names(List.of("L0H" + head)))
          .add("heads/zero/matched/L0H1/share", path -> Observation.quantity(0.25))
          .add("cumulative/zero-all/within/1.1/heads", path -> Observation.quantity(within))
          .add("seen/2", path -> Observation.quantity(4));
    }
  }

  /** Against the reports' way on as much text; of numbers of others a tenth does not count. */
  @Test
  void showsWhichRankingsAndThresholdsSurviveOtherAblations() throws IOException {
    GoldenFolder golden = new GoldenFolder(folder).write("a.yaml", HEADS);
    ClaimCatalog catalog = golden.read();
    Run run = new Run(catalog, golden.environment(), Instant.EPOCH);
    for (String subject : List.of("gpt2", "nano144")) {
      Map<Protocol, Observatory> ways =
          new TreeMap<>(
              Map.of(
                  Protocol.SHORT_TEXT, new Ablated(1, 22),
                  Protocol.RESAMPLED, new Ablated(2, 24),
                  Protocol.TOKEN_MEANS, new Ablated(1, 25)));
      for (var each : ways.entrySet()) {
        Sensitivity varied =
            Sensitivity.of(
                subject, each.getKey(), catalog.claims(), golden.environment(), each.getValue());
        assertThat(varied.shifts()).hasSize(2);
        run.varied(varied);
      }
    }
    write(run, catalog);

    String page = Files.readString(folder.resolve("sensitivity.md"));
    String table = page.substring(page.indexOf("### nano144"), page.indexOf("\n## nano144"));
    assertThat(table.lines())
        .filteredOn(line -> line.endsWith(" of 2 |"))
        .containsExactlyInAnyOrder(
            "| hurts most `exp1:p01` | L0H1 (random: 25.0%) | **L0H2** (random: 25.0%)"
                + " | L0H1 (random: 25.0%) | 1 of 2 |",
            "| can go `exp1:p02` | 22 | 24 | **25** | 1 of 2 |");
  }

  @Test
  void anErrorWhileMeasuringIsThrown() {
    assertThatThrownBy(
            () -> on("gpt2", CLAIMS.replace("observable: absent", "observable: failing")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the engine gives NaN");
  }

  @Test
  void hasAPage() throws IOException {
    GoldenFolder golden = new GoldenFolder(folder).write("a.yaml", CLAIMS);
    ClaimCatalog catalog = golden.read();
    Run run = new Run(catalog, golden.environment(), Instant.EPOCH);
    run.varied(on("nano144"));
    write(run, catalog);

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

  private void write(Run run, ClaimCatalog catalog) throws IOException {
    Files.writeString(folder.resolve("ledger"), "[]\n");
    VerdictFiles.write(
        run,
        Ledger.read(folder.resolve("ledger"), catalog),
        List.of(new OtherSubject("nano144", "is small", 128)),
        new PlanFile("", List.of()),
        folder);
  }
}
