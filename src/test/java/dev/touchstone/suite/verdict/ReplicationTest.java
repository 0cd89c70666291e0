package dev.touchstone.suite.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.golden.ClaimCatalog;
import dev.touchstone.suite.golden.PlanFile;
import dev.touchstone.suite.page.VerdictFiles;
import dev.touchstone.suite.verdict.HeadScores.Scored;
import dev.touchstone.suite.verdict.Replica.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplicationTest {
  private static final OtherSubject OTHER =
      new OtherSubject("other", "is as deep as GPT-2 small and\nas wide", 256);

  @TempDir private Path folder;
  private GoldenFolder golden;

  @BeforeEach
  void open() {
    golden = new GoldenFolder(folder);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          kind: at-least, expected: 200x, unit: ratio, observable: seen/219   | SHOWN
          kind: at-least, expected: 200x, unit: ratio, observable: seen/199   | NOT_SHOWN
          kind: sign, expected: -0.45%, observable: seen/0.2                  | NOT_SHOWN
          kind: identity, observable: seen/0.00005                            | NOT_SHOWN
          kind: identity, tolerance: 1e-4, observable: seen/0.00005           | SHOWN
          kind: trend, expected: rising, observable: 'series/1,2'             | SHOWN
          kind: order, expected: L11, observable: named/L11                   | SHOWN
          kind: order, expected: 'L0H1, L0H2', observable: 'named/L0H1,L0H2'  | INCOMPARABLE
          kind: at-least, expected: 1, unit: count, observable: named/L0H8    | INCOMPARABLE
          expected: 1.079x, unit: ratio, observable: seen/1.079               | FIGURE
          kind: range, expected: 26-31%, unit: share, observable: seen/0.3    | FIGURE
          kind: derived, expected: 1, unit: count, derived: 2 - 1             | UNOBSERVED
          expected: 1, unit: count, reason-not-evaluated: nobody knows how    | UNOBSERVED
          expected: 1, unit: count, observable: absent                        | UNOBSERVED
          """)
  void answersStatementsAndOnlyShowsFigures(String fields, Answer answer) {
    assertThat(replica(fields).answer()).isEqualTo(answer);
  }

  @Test
  void aPrintedValueIsNotHeldAgainstOtherWeights() {
    assertThat(replica("expected: 1.079x, unit: ratio, observable: seen/3.2").reason())
        .isEqualTo("other has 3.20000x where 1.079x is printed");
  }

  @Test
  void aClaimMaySayWhatItComesToElsewhere() {
    Replica replica =
        replica(
            "kind: at-least, expected: 90%, unit: share, observable: named/L0H8, elsewhere: {says:"
                + " 'the first keeps {value}', observable: seen/0.95}");
    assertThat(replica.statement().text()).isEqualTo("the first keeps 90%");
    assertThat(replica.answer()).isEqualTo(Answer.SHOWN);
    assertThat(replica.reason())
        .isEqualTo("other shows it: measured 95.00%, where at least 90% shows it");
  }

  @Test
  void elsewhereMayAskAnotherSortOfQuestion() {
    Replica replica =
        replica(
            "kind: derived, unit: count, derived: 1 + 1, expected: 2, elsewhere: {kind: trend, expected:"
                + " falling, observable: 'series/1,2'}");
    assertThat(replica.answer()).isEqualTo(Answer.NOT_SHOWN);
  }

  @Test
  void whatHasNoCounterpartIsShownWithItsReason() {
    Replica replica =
        replica(
            "kind: at-least, expected: 2, unit: number, observable: seen/3, elsewhere:"
                + " {incomparable: it has no such layer}");
    assertThat(replica.answer()).isEqualTo(Answer.INCOMPARABLE);
    assertThat(replica.reason()).isEqualTo("it has no such layer; other has 3 there");
  }

  @Test
  void whatIsByConstructionIsNoAnswer() {
    Replica replica =
        replica(
            "kind: at-least, expected: 2, unit: number, observable: seen/3, by-construction: it is"
                + " put in");
    assertThat(replica.answer()).isEqualTo(Answer.BY_CONSTRUCTION);
    assertThat(replica.reason())
        .isEqualTo(
            "other has 3 where at least 2 is printed, and could have nothing else: it is put in");
  }

  @Test
  void elsewhereIsCheckedWhenItIsRead() {
    String claim = "expected: 2, unit: count, observable: seen/2, elsewhere: ";
    assertThat(complaints(claim + "{observable: sen/3}"))
        .contains("nothing is observed as sen/3; the closest is seen/");
    assertThat(complaints(claim + "{sees: x}")).contains("elsewhere has no key \"sees\"");
    assertThat(complaints(claim + "{says: 'the {k}th'}")).contains("nothing here is called {k}");
    assertThat(complaints(claim + "{kind: trend, expected: sideways}"))
        .contains("\"sideways\" is no trend");
    assertThat(complaints(claim + "{kind: trend}")).contains("needs expected");
    assertThat(
            complaints(
                "kind: derived, unit: count, derived: 1 + 1, expected: 2, elsewhere: {observable: seen/1}"))
        .contains("give its elsewhere a kind");
    assertThat(
            complaints(
                "kind: derived, unit: count, derived: 1 + 1, expected: 2, elsewhere: {observable:"
                    + " seen/1, expected: 3}"))
        .contains("give its elsewhere a kind");
  }

  @Test
  void anObservationOfAnotherSortIsAnErrorOfTheSuite() {
    assertThatThrownBy(() -> replica("expected: 1, unit: count, observable: 'series/1,2'"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anErrorWhileMeasuringIsThrown() {
    assertThatThrownBy(() -> replica("expected: 1, unit: count, observable: failing"))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void theAnswersHaveAPageOfTheirOwn() throws IOException {
    golden.write(
        "a.yaml",
        """
        report: exp1
        subject: gpt2
        claims:
          - {id: exp1:p01, says: it rises, kind: trend, expected: rising, observable: 'series/1,2'}
          - {id: exp1:p02, says: it is three, expected: 3, unit: count, observable: seen/5}
          - {id: exp1:p03, says: it is away, expected: 3, unit: count, observable: absent}
        """);
    Run run = asked(OTHER);

    write(run, OTHER);

    assertThat(folder.resolve("summary.md"))
        .content()
        .contains(
            "Of 1 statements that weights other than GPT-2's can answer, other shows 1: see"
                + " [other.md](other.md).",
            "and no probability. other's 8 chunks and the full");
    assertThat(folder.resolve("other.md"))
        .content()
        .startsWith("# What other shows of what the reports say of GPT-2\n")
        .contains(
            "\nother is as deep as GPT-2 small and\nas wide, and is measured here by the same code.",
            "it reads 8 of 256",
            "| claim | | GPT-2, printed | other | 95% interval |",
            "| claim | | GPT-2, printed | the same place in other | 95% interval |",
            "| exp1 | 1 | 0 | 1 | 0 | 0 | 1 |",
            "| `exp1:p01` | it rises | shows it | 1, 2; rank correlation with the position 1.00 |"
                + " rising |",
            "| `exp1:p02` | it is three | 3 | 5 |  |",
            "- 1: the weights are not here (exp1:p03)");
    assertThat(folder.resolve("other.json")).content().contains("\"answer\" : \"shows it\"");
    assertThat(run.verdicts()).as("a replica is no verdict").isEmpty();
  }

  @Test
  void everySubjectHasItsOwnPageAndAnEarlierRunsGoes() throws IOException {
    golden.write(
        "a.yaml",
        """
        report: exp1
        subject: gpt2
        claims:
          - {id: exp1:p01, says: it rises, kind: trend, expected: rising, observable: 'series/1,2'}
        """);
    OtherSubject third = new OtherSubject("third", "is a third one", 128);
    OtherSubject unasked = new OtherSubject("unasked", "is not asked in this run", 128);
    Run run = asked(OTHER, third);
    Files.writeString(folder.resolve("unasked.md"), "an earlier run's");

    write(run, OTHER, third, unasked);

    assertThat(folder.resolve("other.md")).content().doesNotContain("third");
    assertThat(folder.resolve("third.md")).content().doesNotContain("other is").contains("| all |");
    assertThat(folder.resolve("summary.md")).content().contains("other shows 1", "third shows 1");
    assertThat(folder.resolve("unasked.md")).doesNotExist();
  }

  @Test
  void thePageSaysHowStronglyASubjectLeansOnAttention() throws IOException {
    golden.write(
        "a.yaml",
        """
        report: exp1
        subject: gpt2
        claims:
          - {id: exp1:p01, says: 'zeroing all costs {value}', expected: 373.5x, unit: ratio, observable: cumulative/zero-all/144/ratio}
        """);
    Run run = asked(OTHER);
    run.attends(OTHER, new Run.Attention(scores(0.25, 0.5), scores(0.9, 0.7)));

    write(run, OTHER);

    assertThat(folder.resolve("other.md"))
        .content()
        .contains(
            "## How strongly other leans on attention",
            "| zeroing all costs 373.5x `exp1:p01` | 373.5x | 9.000x |",
            "| 1 | L0H1 0.500 | L0H0 0.900 |\n| 2 | L0H0 0.250 | L0H1 0.700 |",
            "Of its 144 heads 1 give half of their attention or more to the token before, and 2 to");
    JsonNode json = new ObjectMapper().readTree(folder.resolve("other.json").toFile());
    assertThat(json.at("/attention to the previous token/L0H1").doubleValue()).isEqualTo(0.5);
    assertThat(json.at("/attention to what came next/L0H0").doubleValue()).isEqualTo(0.9);
  }

  /** A run in which subjects were asked all that is claimed. */
  private Run asked(OtherSubject... subjects) {
    ClaimCatalog catalog = golden.read();
    Run run = new Run(catalog, golden.environment(), Instant.EPOCH);
    for (OtherSubject subject : subjects) {
      Replication replication = new Replication(subject, golden.environment());
      catalog.claims().forEach(claim -> run.replicated(replication.of(claim)));
    }
    return run;
  }

  private void write(Run run, OtherSubject... others) throws IOException {
    Path ledger = Files.writeString(folder.resolve("ledger"), "[]\n");
    VerdictFiles.write(
        run,
        Ledger.read(ledger, run.catalog()),
        List.of(others),
        new PlanFile("", List.of()),
        folder);
  }

  private static HeadScores scores(double first, double second) {
    return new HeadScores(List.of(new Scored("L0H0", first), new Scored("L0H1", second)));
  }

  private Replica replica(String fields) {
    golden.write("a.yaml", claim(fields));
    Claim claim = golden.read().claim("exp1:p01").orElseThrow();
    return new Replication(OTHER, golden.environment()).of(claim);
  }

  private String complaints(String fields) {
    return String.join("\n", golden.write("a.yaml", claim(fields)).complaints());
  }

  private static String claim(String fields) {
    return """
        report: exp1
        subject: gpt2
        claims:
          - {id: exp1:p01, says: s, %s}
        """
        .formatted(fields);
  }
}
