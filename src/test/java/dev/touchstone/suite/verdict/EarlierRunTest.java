package dev.touchstone.suite.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.touchstone.suite.golden.ClaimCatalog;
import dev.touchstone.suite.golden.InputException;
import dev.touchstone.suite.golden.PlanFile;
import dev.touchstone.suite.page.VerdictFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run is judged again from its file, and a later one is held against it. */
class EarlierRunTest {
  private static final String CLAIMS =
      """
      report: exp1
      subject: gpt2
      claims:
        - {id: exp1:p01, says: a share, expected: 17.7%, unit: share, observable: seen/0.17712345678901234}
        - {id: exp1:p02, says: two, expected: 2, unit: count, observable: seen/3}
        - {id: exp1:p03, says: half, kind: derived, expected: 50%, unit: share, derived: 1 / 3}
        - {id: exp1:p04, says: away, expected: 2, unit: count, observable: absent}
        - {id: exp1:p05, says: a draw, kind: draw, expected: 8.68, unit: perplexity, observable: drawn/9.50/8.20-10.4}
        - {id: exp1:p06, says: first, kind: order, expected: L0H6, observable: 'named/L0H6,L0H11'}
        - {id: exp1:p07, says: rising, kind: trend, expected: rising, observable: 'series/1,2,3'}
        - {id: exp1:p08, says: later, expected: 2, unit: count, reason-not-evaluated: nobody knows how}
        - {id: exp1:p09, says: at least, kind: at-least, expected: 200x, unit: ratio, observable: seen/219}
        - {id: exp1:p11, says: fast, expected: 17.3, unit: tokens/s, hardware-bound: true, observable: drawn/20/10-30}
        - {id: exp1:p12, says: spread, expected: 2.0, unit: number, observable: drawn/2.0/1-3}
        - {id: exp1:p13, says: hours, expected: 2, unit: count, observable: unasked}
        - {id: exp1:p14, says: wrong, expected: 2, unit: count, derived: 1 + 2, observable: absent}
      """;

  private static final String LEDGER =
      """
      - {claim: exp1:p02, verdict: REFUTED, measured: 3, reason: so it is, date: 2026-11-22}
      - {claim: exp1:p03, verdict: INCONSISTENT, reason: it is a third, date: 2026-11-22}
      """;

  @TempDir private Path folder;
  private GoldenFolder golden;
  private Path file;

  @BeforeEach
  void leaveARun() throws IOException {
    golden = new GoldenFolder(Files.createDirectory(folder.resolve("claims")));
    golden.write("a.yaml", CLAIMS);
    VerdictFiles.write(
        judged(golden.environment()),
        ledger(LEDGER),
        List.of(),
        new PlanFile("", List.of()),
        folder);
    file = folder.resolve("verdicts.json");
  }

  private Run judged(Environment environment) {
    ClaimCatalog catalog = golden.read();
    Run run = new Run(catalog, environment, Instant.EPOCH);
    Judge judge = new Judge(catalog, environment);
    catalog.claims().forEach(claim -> run.judged(judge.judge(claim)));
    return run;
  }

  private Ledger ledger(String yaml) throws IOException {
    return Ledger.read(Files.writeString(folder.resolve("ledger.yaml"), yaml), golden.read());
  }

  private EarlierRun earlier() {
    return EarlierRun.read(file, "touchstone.replay");
  }

  private Run replayed() {
    return judged(golden.replaying(earlier()));
  }

  @Test
  void judgesTheSameAgain() {
    Run measured = judged(golden.environment());

    Run replayed = replayed();

    assertThat(replayed.verdicts())
        .usingRecursiveFieldByFieldElementComparatorOnFields(
            "claim",
            "outcome",
            "observation",
            "measured",
            "subjectHash",
            "reason",
            "absence",
            "remedy")
        .isEqualTo(measured.verdicts());
    assertThat(replayed.identity().engine()).as("an engine, which nothing needed").isEmpty();
    Identity.Source source = replayed.identity().replay().orElseThrow();
    assertThat(source.run().engine()).isEqualTo("none");
    assertThat(replayed.facts().get("replay"))
        .startsWith("judged again from " + file + " of 1970-01-01T00:00:00Z (commit 0000");
  }

  @Test
  void aReplayCanBeReplayed() throws IOException {
    VerdictFiles.write(replayed(), ledger(LEDGER), List.of(), new PlanFile("", List.of()), folder);

    Identity identity = replayed().identity();

    assertThat(identity.replay().orElseThrow().run().replay().orElseThrow().run().engine())
        .isEqualTo("none");
  }

  @Test
  void judgesByTodaysClaims() {
    golden.write("a.yaml", CLAIMS.replace("expected: 17.7%", "expected: 18.7%"));
    assertThat(verdict("exp1:p01").outcome()).isEqualTo(Outcome.REFUTED);
    assertThat(verdict("exp1:p01").measured().orElseThrow().measured()).isEqualTo("17.712%");
  }

  @Test
  void judgesByWhatTheFileSays() throws IOException {
    alter(root -> ((ObjectNode) row(root, 0).get("observation")).put("value", 0.1778));

    assertThat(verdict("exp1:p01").measured().orElseThrow().measured()).isEqualTo("17.780%");
    assertThat(verdict("exp1:p13").absence()).contains(Absence.TIER_NOT_ASKED);
    assertThat(verdict("exp1:p14").outcome()).isEqualTo(Outcome.INCONSISTENT);
  }

  @Test
  void doesNotTakeAMeasurementOfSomethingElse() {
    golden.write("a.yaml", CLAIMS.replace("observable: seen/219", "observable: seen/218"));
    Verdict verdict = verdict("exp1:p09");
    assertThat(verdict.outcome()).isEqualTo(Outcome.NOT_EVALUATED);
    assertThat(verdict.absence()).contains(Absence.ASSET_MISSING);
    assertThat(verdict.reason())
        .isEqualTo(
            file
                + " has a measurement of seen/219, gpt2, none, and the claim is now about seen/218, gpt2,"
                + " none");
  }

  @Test
  void ofANewClaimItSaysNothing() {
    golden.write(
        "b.yaml",
        """
        report: exp2
        subject: gpt2
        claims:
          - {id: exp2:p01, says: new, expected: 2, unit: count, observable: seen/2}
        """);
    assertThat(verdict("exp2:p01").reason()).isEqualTo(file + " says nothing of it");
    assertThat(verdict("exp2:p01").remedy()).contains("mvn verify");
  }

  private Verdict verdict(String claim) {
    return replayed().verdict(golden.read().claim(claim).orElseThrow()).orElseThrow();
  }

  @Test
  void whatIsNoRunIsRefusedInASentence() throws IOException {
    assertRefused("[1, 2", "is no JSON (line 1)");
    assertRefused(
        "[1, 2]", "is no run of version 1, the only one that is read here (it has no version)");
    assertRefused("{\"version\": 2}", "(it has version 2)");
    assertRefused("{\"version\": 1}", "is not what docs/verdicts.schema.json says of a run: ");
    assertRefused("{}" + " ".repeat(20_000_000), "has more than 20000000 bytes");
    assertRefused("{\"version\": 1}", " (and 4 more)");
    Files.delete(file);
    assertThatThrownBy(this::earlier)
        .isInstanceOf(InputException.class)
        .hasMessage(
            "touchstone.replay names "
                + file
                + ", which is not there; name the verdicts.json of a run, for instance"
                + " -Dtouchstone.replay=reports/verdicts.json");
    assertThatThrownBy(() -> EarlierRun.read(folder, "touchstone.replay"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("cannot be read");
  }

  private void assertRefused(String content, String why) throws IOException {
    Files.writeString(file, content);
    assertThatThrownBy(this::earlier)
        .isInstanceOf(InputException.class)
        .hasMessageContaining(why)
        .satisfies(refusal -> assertThat(refusal.getStackTrace()).isEmpty());
  }

  private List<Change> changes() throws IOException {
    return changes(judged(golden.environment()), LEDGER);
  }

  private List<Change> changes(Run run, String ledger) throws IOException {
    run.compareWith(earlier(), ledger(ledger));
    return run.changes();
  }

  @Test
  void theSameRunHasNoChanges() throws IOException {
    assertThat(changes()).isEmpty();
    assertThat(changes(replayed(), LEDGER)).isEmpty();
  }

  /** Alters what the file has. */
  private void alter(Consumer<JsonNode> how) throws IOException {
    JsonNode root = new ObjectMapper().readTree(file.toFile());
    how.accept(root);
    Files.writeString(file, root.toString());
  }

  private static ObjectNode row(JsonNode root, int number) {
    return (ObjectNode) root.get("verdicts").get(number);
  }

  @Test
  void saysWhichLedgerEntryAndWhichFigureWereOthers() throws IOException {
    alter(
        root -> {
          ((ObjectNode) row(root, 0).get("observation")).put("value", 0.1778);
          ((ObjectNode) row(root, 1).get("ledger")).put("reason", "it was so");
        });

    List<Change> changes = changes();

    assertThat(changes)
        .containsExactly(
            new Change(
                "exp1:p01",
                Change.What.FIGURE,
                "17.780%",
                "17.712%",
                "exp1:p01 was measured as 17.780% and is 17.712% now, which is apart by more than the"
                    + " tolerance of ±0.050%."),
            new Change(
                "exp1:p02",
                Change.What.LEDGER,
                "REFUTED since 2026-11-22 (3): it was so",
                "REFUTED since 2026-11-22 (3): so it is",
                "The ledger's entry of exp1:p02 was \"REFUTED since 2026-11-22 (3): it was so\" and is"
                    + " \"REFUTED since 2026-11-22 (3): so it is\" now."));
  }

  @Test
  void aMoveWithinTheToleranceIsNone() throws IOException {
    alter(
        root -> {
          ((ObjectNode) row(root, 0).get("observation")).put("value", 0.1776);
          // Another draw, whose interval meets this one's.
          ((ObjectNode) row(root, 4).get("observation"))
              .put("value", 10.6)
              .putArray("interval")
              .add(10.3)
              .add(11);
          ((ObjectNode) row(root, 5).get("observation")).putArray("names").add("L0H6").add("L9H9");
          ((ObjectNode) row(root, 6).get("observation"))
              .putArray("series")
              .add(1)
              .add(2)
              .add(3.00002);
          // Float error of a perplexity, relative to it.
          ((ObjectNode) row(root, 8).get("observation")).put("value", 219.002);
          ((ObjectNode) row(root, 9).get("observation"))
              .put("value", 28)
              .putArray("interval")
              .add(25)
              .add(31);
        });
    assertThat(changes()).isEmpty();
  }

  @Test
  void seesMovesOfNamesSeriesDrawsAndBounds() throws IOException {
    alter(
        root -> {
          ((ObjectNode) row(root, 4).get("observation"))
              .put("value", 10.6)
              .putArray("interval")
              .add(10.5)
              .add(11);
          ((ObjectNode) row(root, 5).get("observation")).putArray("names").add("L0H11");
          ((ObjectNode) row(root, 6).get("observation")).putArray("series").add(1).add(2).add(3.1);
          ((ObjectNode) row(root, 8).get("observation")).put("value", 219.01);
          // No draw: that the intervals meet excuses nothing.
          ((ObjectNode) row(root, 10).get("observation"))
              .put("value", 2.5)
              .putArray("interval")
              .add(1)
              .add(4);
        });
    assertThat(changes())
        .extracting(Change::claim, Change::what)
        .containsExactly(
            tuple("exp1:p05", Change.What.FIGURE),
            tuple("exp1:p06", Change.What.FIGURE),
            tuple("exp1:p07", Change.What.FIGURE),
            tuple("exp1:p09", Change.What.FIGURE),
            tuple("exp1:p12", Change.What.FIGURE));
  }

  @Test
  void seesThatSomethingOfAnotherSortWasMeasured() throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    alter(
        root -> {
          row(root, 0).set("observation", mapper.createObjectNode().set("series", numbers(1, 2)));
          row(root, 5).set("observation", mapper.createObjectNode().put("value", 5));
          row(root, 8).set("observation", mapper.createObjectNode().set("names", names("L0H1")));
        });

    assertThat(changes())
        .extracting(Change::claim, Change::before)
        .containsExactly(
            tuple("exp1:p01", "[1.0, 2.0]"), tuple("exp1:p06", "5.0"), tuple("exp1:p09", "L0H1"));
  }

  private static ArrayNode numbers(double... numbers) {
    ArrayNode array = new ObjectMapper().createArrayNode();
    DoubleStream.of(numbers).forEach(array::add);
    return array;
  }

  private static ArrayNode names(String... names) {
    ArrayNode array = new ObjectMapper().createArrayNode();
    Stream.of(names).forEach(array::add);
    return array;
  }

  @Test
  void aChangedVerdictMayContradictNothing() throws IOException {
    alter(
        root -> {
          row(root, 0).put("verdict", "REFUTED");
          row(root, 3)
              .put("verdict", "INCONSISTENT")
              .put("grounds", "recomputed")
              .put("absence", "")
              .put("remedy", "");
        });
    assertThat(changes())
        .extracting(Change::sentence)
        .containsExactly(
            "exp1:p01 was REFUTED and is REPRODUCED now, and the ledger knows nothing against it.",
            "exp1:p04 was INCONSISTENT and is NOT_EVALUATED, asset missing now, which contradicts"
                + " nothing.");
  }

  @Test
  void aChangedVerdictSaysWhereTheLedgerStands() throws IOException {
    alter(root -> row(root, 1).put("verdict", "REPRODUCED"));
    assertThat(changes())
        .extracting(Change::sentence)
        .containsExactly(
            "exp1:p02 was REPRODUCED and is REFUTED now, as the ledger knows since 2026-11-22.");
    assertThat(changes(judged(golden.environment()), "[]"))
        .extracting(Change::sentence)
        .contains(
            "exp1:p02 was REPRODUCED and is REFUTED now, which is not what the ledger knows, and"
                + " fails.",
            "The ledger's entry of exp1:p03 is gone: INCONSISTENT since 2026-11-22: it is a third.");
  }

  @Test
  void aFailureIsAChange() throws IOException {
    Run run = judged(golden.environment());
    run.failed(golden.read().claim("exp1:p01").orElseThrow(), new IllegalStateException("NaN"));
    assertThat(changes(run, LEDGER))
        .extracting(Change::sentence)
        .containsExactly(
            "exp1:p01 was REPRODUCED and has no verdict now, since measuring failed:"
                + " java.lang.IllegalStateException: NaN.");
  }

  @Test
  void seesWhatIsClaimedOtherwiseNewAndGone() throws IOException {
    golden.write(
        "a.yaml",
        CLAIMS
            .replace("expected: 17.7%", "expected: 17.71%")
            .replace("observable: seen/219", "tolerance: 1x, observable: seen/300")
            .replace("id: exp1:p08, says: later", "id: exp1:p10, says: new"));
    assertThat(changes())
        .extracting(Change::sentence)
        .containsExactly(
            "The claim's expected of exp1:p01 was \"17.7%\" and is \"17.71%\" now.",
            "exp1:p10 is new: new.",
            "The claim's tolerance of exp1:p09 is new: 1x.",
            "The claim's observable of exp1:p09 was \"seen/219\" and is \"seen/300\" now.",
            "exp1:p08 is no claim any more.");
  }

  @Test
  void ofWhatOnlyOneRunJudgedItSaysNothing() throws IOException {
    ClaimCatalog catalog = golden.read();
    Run part = new Run(catalog, golden.environment(), Instant.EPOCH);
    part.judged(golden.judge().judge(catalog.claim("exp1:p01").orElseThrow()));

    assertThat(changes(part, LEDGER)).isEmpty();
    assertThat(part.uncompared()).isEqualTo(12);
    part.failed(catalog.claim("exp1:p02").orElseThrow(), new IllegalStateException("NaN"));
    assertThat(part.uncompared()).as("a failure is a change").isEqualTo(11);
  }

  /** Neither what it did not ask nor what failed in it is new. */
  @Test
  void knowsTheClaimsThatItDidNotJudge() throws IOException {
    ClaimCatalog catalog = golden.read();
    Run part = new Run(catalog, golden.environment(), Instant.EPOCH);
    part.judged(golden.judge().judge(catalog.claim("exp1:p01").orElseThrow()));
    part.failed(catalog.claim("exp1:p02").orElseThrow(), new IllegalStateException("NaN"));
    VerdictFiles.write(part, ledger(LEDGER), List.of(), new PlanFile("", List.of()), folder);

    assertThat(changes()).isEmpty();
  }

  @Test
  void changesHaveAFile() throws IOException {
    alter(root -> row(root, 1).put("verdict", "REPRODUCED"));
    Run run = judged(golden.environment());
    run.compareWith(earlier(), ledger(LEDGER));
    Path reports = folder.resolve("reports");

    VerdictFiles.write(run, ledger(LEDGER), List.of(), new PlanFile("", List.of()), reports);

    JsonNode changes = new ObjectMapper().readTree(reports.resolve("changes.json").toFile());
    assertThat(changes.at("/baseline/file").asText()).isEqualTo(file.toString());
    assertThat(changes.at("/changes/0/what").asText()).isEqualTo("verdict");
    VerdictFiles.write(
        judged(golden.environment()),
        ledger(LEDGER),
        List.of(),
        new PlanFile("", List.of()),
        reports);
    assertThat(reports.resolve("changes.json")).doesNotExist();
  }
}
