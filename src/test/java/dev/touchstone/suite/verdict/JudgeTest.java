package dev.touchstone.suite.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.touchstone.suite.claim.Assessment;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.golden.ClaimCatalog;
import dev.touchstone.suite.observation.Losses;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JudgeTest {
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
          expected: 1.079x, unit: ratio                         | seen/1.0794      | REPRODUCED
          expected: 1.079x, unit: ratio                         | seen/1.0785      | REPRODUCED
          expected: 1.079x, unit: ratio                         | seen/1.07951     | REPRODUCED
          expected: 1.079x, unit: ratio                         | seen/1.0796      | REFUTED
          expected: 1.079x, unit: ratio, tolerance: 0.01x       | seen/1.0885      | REPRODUCED
          expected: 1.079x, unit: ratio, tolerance: 1% of expected | seen/1.0885   | REPRODUCED
          expected: 1.079x, unit: ratio, tolerance: 0.1% of expected | seen/1.0805 | REFUTED
          expected: 81.3%, unit: share                          | seen/0.8125      | REPRODUCED
          expected: 81.3%, unit: share                          | seen/0.8124      | REFUTED
          expected: 82, unit: count                             | seen/82          | REPRODUCED
          expected: 82, unit: count                             | seen/82.0001     | REFUTED
          expected: 82, unit: count                             | seen/83          | REFUTED
          expected: ~82, unit: count                            | seen/82.5        | REPRODUCED
          expected: +0.01%, unit: change                        | seen/0.000159    | REPRODUCED
          expected: +0.01%, unit: change                        | seen/0.000165    | REFUTED
          expected: 0.01%, unit: share                          | seen/0.000159    | REFUTED
          expected: 3, unit: count                              | named/L0H1,L0H2,L1H3 | REPRODUCED
          kind: draw, expected: 8.68, unit: perplexity          | drawn/9.50/8.20-10.4 | REPRODUCED
          kind: draw, expected: 8.68, unit: perplexity          | drawn/9.50/8.684-10.4 | REPRODUCED
          kind: draw, expected: 8.68, unit: perplexity          | drawn/9.50/8.70-10.4 | REFUTED
          kind: draw, expected: 8.68, unit: perplexity          | drawn/8.00/7.50-8.60 | REFUTED
          kind: at-most, expected: 1.05x, unit: ratio           | seen/1.05        | REPRODUCED
          kind: at-most, expected: 1.05x, unit: ratio           | seen/1.0501      | REFUTED
          kind: at-most, expected: 5, unit: number              | series/1,5,2     | REPRODUCED
          kind: at-most, expected: 5, unit: number              | series/1,6,2     | REFUTED
          kind: at-least, expected: 200x, unit: ratio           | seen/219         | REPRODUCED
          kind: at-least, expected: 200x, unit: ratio           | seen/199         | REFUTED
          kind: at-least, expected: 2, unit: number             | series/1,5,2     | REFUTED
          kind: range, expected: 26-31%, unit: share            | seen/0.257       | REPRODUCED
          kind: range, expected: 26-31%, unit: share            | seen/0.25        | REFUTED
          kind: range, expected: 1.10-1.16x, unit: ratio        | series/1.096,1.161 | REPRODUCED
          kind: range, expected: 1.10-1.16x, unit: ratio        | series/1.096,1.17 | REFUTED
          kind: range, expected: 2-3, unit: count               | named/L0H1,L0H2  | REPRODUCED
          kind: range, expected: 2-3, unit: count               | named/L0H1       | REFUTED
          kind: order, expected: 'L0H6, L0H11'                  | named/L0H6,L0H11,L4H8 | REPRODUCED
          kind: order, expected: 'L0H6, L0H11'                  | named/L0H11,L0H6 | REFUTED
          kind: order, expected: 'L0H6, L0H11'                  | named/L0H6       | REFUTED
          kind: set, expected: 'L0H6, L0H11'                    | named/L0H11,L0H6 | REPRODUCED
          kind: set, expected: 'L0H6, L0H11'                    | named/L0H11,L0H6,L4H8 | REFUTED
          kind: among, expected: L1-L11                         | named/L1H0,L11H3 | REPRODUCED
          kind: among, expected: L1-L11                         | named/L1H0,L0H3  | REFUTED
          kind: among, expected: 'L0, L1, L4H8'                 | named/L1H0,L4H8  | REPRODUCED
          kind: among, expected: 'L0, L1, L4H8'                 | named/L4H9       | REFUTED
          kind: sign, expected: -0.45%                          | seen/-0.01       | REPRODUCED
          kind: sign, expected: -0.45%                          | seen/0.01        | REFUTED
          kind: sign, expected: positive                        | seen/0.0         | REFUTED
          kind: identity                                        | seen/0.000009    | REPRODUCED
          kind: identity                                        | seen/0.00002     | REFUTED
          kind: identity, tolerance: 1e-4                       | seen/-0.00005    | REPRODUCED
          kind: trend, expected: rising                         | series/1,2,2,3   | REPRODUCED
          kind: trend, expected: rising                         | series/1,2,1.9,3 | REFUTED
          kind: trend, expected: falling                        | series/3,2,1     | REPRODUCED
          kind: trend, expected: rising-overall                 | series/1,2,1.9,3 | REPRODUCED
          kind: trend, expected: falling-overall                | series/1,2,1.9,3 | REFUTED
          kind: trend, expected: not-monotone                   | series/1,2,1.9,3 | REPRODUCED
          kind: trend, expected: not-monotone                   | series/1,2,3     | REFUTED
          expected: 17.3, unit: tokens/s, hardware-bound: true  | seen/500         | HARDWARE_BOUND
          """)
  void measuresAgainstWhatIsPrinted(String fields, String observable, Outcome outcome) {
    assertThat(verdict(fields + ", observable: '" + observable + "'").outcome()).isEqualTo(outcome);
  }

  @Test
  void aVerdictSaysWhatItStandsOn() {
    String two = "expected: 2, unit: count, observable: seen/2";
    assertThat(verdict(two).grounds()).contains(Grounds.MEASURED);
    assertThat(verdict("kind: derived, unit: count, expected: 2, derived: 1 + 1").grounds())
        .contains(Grounds.RECOMPUTED);
    Verdict formula = verdict(two + ", subject: report");
    assertThat(formula.grounds()).contains(Grounds.RECOMPUTED);
    assertThat(formula.reason()).isEqualTo("Worked out 2, expected 2.");
    Verdict constructed = verdict(two + ", by-construction: two is put in");
    assertThat(constructed.grounds()).contains(Grounds.BY_CONSTRUCTION);
    assertThat(constructed.outcome()).isEqualTo(Outcome.REPRODUCED);
    assertThat(constructed.word()).isEqualTo("REPRODUCED, by construction");
    assertThat(constructed.reason())
        .isEqualTo("Measured 2, expected 2. By construction: two is put in.");
    assertThat(verdict("expected: 2, unit: count, observable: absent").grounds()).isEmpty();
  }

  @Test
  void aDevicesSlackIsItsOwn() {
    Environment cpu = golden.environment();
    Environment gpu =
        new Environment(
            "gpu0", 1e-4, golden, subject -> "", () -> new Losses(0, 0), cpu.provenance());
    golden.write("a.yaml", claim("expected: 1.079x, unit: ratio, observable: seen/1.07955"));
    ClaimCatalog catalog = golden.read();
    Claim claim = catalog.claim("exp1:p01").orElseThrow();
    assertThat(new Judge(catalog, cpu).judge(claim).outcome()).isEqualTo(Outcome.REFUTED);
    assertThat(new Judge(catalog, gpu).judge(claim).outcome()).isEqualTo(Outcome.REPRODUCED);
  }

  @Test
  void aVerdictTellsWhatWasMeasuredWhereAndOfWhat() {
    Verdict verdict = verdict("expected: 17.7%, unit: share, observable: seen/0.1699");

    assertThat(verdict.outcome()).isEqualTo(Outcome.REFUTED);
    assertThat(verdict.measured())
        .contains(new Assessment(false, "16.990%", "-0.710%", "±0.050%", ""));
    assertThat(verdict.account().replace(folder.toString(), "golden"))
        .isEqualToNormalizingNewlines(
            """
            REFUTED exp1:p01
            exp1: s
              expected    17.7%
              measured    16.990%
              difference  -0.710%
              tolerance   ±0.050%
              unit        share
              reason      Measured 16.990%, expected 17.7%: off by -0.710%.
              source      exp1:p01
              written at  golden/a.yaml:4:10
              observable  seen/0.1699
              subject     gpt2 HASH
              device      cpu
              seconds     0.0
              losses      none of its own
            """
                .replace("HASH", GoldenFolder.SHA_256));
  }

  @Test
  void aVerdictTellsWhatElseIsKnown() {
    assertThat(
            verdict("expected: 1.079x, unit: ratio, tolerance: 0.01x, observable: seen/1.0885")
                .account())
        .contains(" (0.01x, as the claim states)\n");
    assertThat(
            verdict(
                    "kind: draw, expected: 8.68, unit: perplexity, observable: drawn/9.50/8.20-10.4")
                .account())
        .containsPattern("\n  interval    \\S");
    Verdict absent = verdict("expected: 2, unit: count, derived: 1 + 1, observable: absent");
    assertThat(absent.account())
        .contains(
            "\n  remedy      run with -Dassets=DIR\n",
            "\n  audit       1 + 1 is 2, and 2 is printed.\n");
    assertThat(absent.reasonAndRemedy())
        .isEqualTo("the weights are not here. Supply it with: run with -Dassets=DIR");
    Verdict two = verdict("expected: 2, unit: count, observable: seen/2");
    assertThat(two.reasonAndRemedy()).isEqualTo("Measured 2, expected 2.");
  }

  @Test
  void aVerdictOnNamesTellsWhichDiffer() {
    assertThat(verdict("kind: among, expected: L0-L1, observable: 'named/L0H1,L4H11'").reason())
        .isEqualTo("Measured L0H1, L4H11, expected L0-L1: L4H11 is not among them.");
    assertThat(
            verdict("kind: set, expected: 'L0H1, L0H2', observable: 'named/L0H1,L4H11'").reason())
        .isEqualTo("Measured L0H1, L4H11, expected L0H1, L0H2: without L0H2; also L4H11.");
  }

  @Test
  void aDrawNeedsAnIntervalToBeHeldAgainst() {
    assertThatThrownBy(
            () -> verdict("kind: draw, expected: 8.68, unit: perplexity, observable: seen/8.68"))
        .hasMessageStartingWith("a draw is held against an interval, and there is none of ");
  }

  @Test
  void whatIsNotHereIsNotEvaluated() {
    Verdict verdict = verdict("expected: 1, unit: count, observable: absent");
    assertThat(verdict.outcome()).isEqualTo(Outcome.NOT_EVALUATED);
    assertThat(verdict.absence()).contains(Absence.ASSET_MISSING);
    assertThat(verdict.word()).isEqualTo("NOT_EVALUATED, asset missing");
    assertThat(verdict.reason()).isEqualTo("the weights are not here");
    assertThat(verdict.remedy()).contains("run with -Dassets=DIR");
    assertThat(verdict.measured()).isEmpty();
  }

  @Test
  void whatIsNotMeasuredYetIsNotEvaluated() {
    Verdict verdict = verdict("expected: 1, unit: count, reason-not-evaluated: nobody knows how");
    assertThat(verdict.outcome()).isEqualTo(Outcome.NOT_EVALUATED);
    assertThat(verdict.absence()).contains(Absence.NOT_SUPPORTED);
    assertThat(verdict.reason()).isEqualTo("nobody knows how");
    assertThat(verdict.remedy()).isEqualTo(Optional.empty());
  }

  @Test
  void whatWasNotAskedForOrCannotBeHadIsNotEvaluated() {
    String claim = "expected: 1, unit: count, ";
    assertThat(verdict(claim + "observable: unasked").absence()).contains(Absence.TIER_NOT_ASKED);
    Verdict senseless = verdict(claim + "observable: '[seen/1] / [seen/0]'");
    assertThat(senseless.absence()).contains(Absence.NOT_SUPPORTED);
    assertThat(senseless.remedy()).isEmpty();
  }

  @Test
  void whatIsEvaluatedIsNotAbsent() {
    assertThat(verdict("expected: 1, unit: count, observable: seen/2").absence()).isEmpty();
    assertThat(verdict("expected: 2, unit: count, derived: 1 + 2, observable: absent").absence())
        .isEmpty();
  }

  @Test
  void anErrorWhileMeasuringIsThrown() {
    String claim = "expected: 1, unit: count, derived: 1 + 0, observable: ";
    assertThatThrownBy(() -> verdict(claim + "failing"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the engine gives NaN");
    assertThatThrownBy(() -> verdict(claim + "'[failing] + 1'"))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void whatContradictsOtherFiguresIsInconsistentWhateverIsMeasured() {
    Verdict measured = verdict("expected: 2, unit: count, derived: 1 + 2, observable: seen/2");
    assertThat(measured.outcome()).isEqualTo(Outcome.INCONSISTENT);
    assertThat(measured.reason())
        .isEqualTo("1 + 2 is 3, and 2 is printed: off by 1. Measured 2, as printed.");

    Verdict unmeasured = verdict("expected: 2, unit: count, derived: 1 + 2, observable: absent");
    assertThat(unmeasured.outcome()).isEqualTo(Outcome.INCONSISTENT);
    assertThat(unmeasured.reason()).isEqualTo("1 + 2 is 3, and 2 is printed: off by 1.");
  }

  @Test
  void aDerivedClaimIsRecomputedAndNeverCalledMeasured() {
    Verdict consistent = verdict("kind: derived, expected: 6.3%, unit: share, derived: 9 / 144");
    assertThat(consistent.outcome()).isEqualTo(Outcome.REPRODUCED);
    assertThat(consistent.measured()).isEmpty();
    assertThat(consistent.reason())
        .isEqualTo("Consistent, recomputed from printed figures; nothing was measured.");

    Verdict inconsistent = verdict("kind: derived, expected: 6.4%, unit: share, derived: 9 / 144");
    assertThat(inconsistent.outcome()).isEqualTo(Outcome.INCONSISTENT);
    assertThat(inconsistent.reason())
        .isEqualTo(
            "9 / 144 is 6.25%, and 6.4% is printed, which stands for 6.35% to 6.45%: off by 0.1%.");
  }

  @Test
  void whatFollowsFromNothingPrintedIsNotEvaluated() {
    Verdict verdict = verdict("kind: derived, expected: 2, unit: count, derived: 2 where 1 > 2");
    assertThat(verdict.outcome()).isEqualTo(Outcome.NOT_EVALUATED);
    assertThat(verdict.reason()).isEqualTo("The figures it follows from are not printed.");
  }

  @Test
  void aDerivedNameIsComparedWithThePrintedOne() {
    assertThat(
            verdict("expected: L0H8, unit: name, derived: \"'L0H8'\", observable: named/L0H8")
                .outcome())
        .isEqualTo(Outcome.REPRODUCED);
    assertThat(
            verdict("expected: L0H8, unit: name, derived: \"'L0H1'\", observable: named/L0H8")
                .reason())
        .isEqualTo("'L0H1' is L0H1, and L0H8 is printed. Measured L0H8, as printed.");
  }

  @Test
  void aRangeHoldsWhatIsDerived() {
    String range = "kind: range, expected: 26-31%, unit: share, observable: seen/0.3, derived: ";
    assertThat(verdict(range + "198 / 768").outcome()).isEqualTo(Outcome.REPRODUCED);
    assertThat(verdict(range + "250 / 768").outcome()).isEqualTo(Outcome.INCONSISTENT);
  }

  @Test
  void aFailedCheckGivesItsReason() {
    Verdict verdict =
        verdict(
            "expected: 91.0%, unit: share, observable: seen/0.8937, checks: [{that: value < 90%,"
                + " because: 82 components are needed for 90%}, {that: value > 0}]");
    assertThat(verdict.outcome()).isEqualTo(Outcome.INCONSISTENT);
    assertThat(verdict.reason())
        .isEqualTo(
            "82 components are needed for 90%: value is 90.95% to 91.05%, not below 90%: off by 0.95%"
                + " (91.0% in exp1:p01). Measured 89.370%, not as printed.");
  }

  @Test
  void anAuditAloneDoesNotMeasure() {
    golden.write("a.yaml", claim("expected: 2, unit: count, derived: 1 + 1, observable: seen/3"));
    ClaimCatalog catalog = golden.read();
    Verdict verdict =
        new Judge(catalog, golden.environment()).audit(catalog.claim("exp1:p01").orElseThrow());
    assertThat(verdict.outcome()).isEqualTo(Outcome.NOT_EVALUATED);
    assertThat(verdict.absence()).contains(Absence.TIER_NOT_ASKED);
    assertThat(verdict.reason()).isEqualTo("Audited only, not measured in this run.");
    assertThat(verdict.audit().account()).isEqualTo("1 + 1 is 2, and 2 is printed.");
  }

  @Test
  void anObservationOfAnotherSortIsAnErrorOfTheSuite() {
    assertThatThrownBy(() -> verdict("expected: 1, unit: count, observable: 'series/1,2'"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("the claim needs a number, not Series");
    assertThatThrownBy(() -> verdict("kind: trend, expected: rising, observable: seen/1"))
        .hasMessageStartingWith("a trend needs a series of numbers, not Quantity");
    assertThatThrownBy(() -> verdict("kind: order, expected: L0H1, observable: seen/1"))
        .hasMessageStartingWith("the claim needs names, not Quantity");
  }

  private Verdict verdict(String fields) {
    golden.write("a.yaml", claim(fields));
    ClaimCatalog catalog = golden.read();
    return new Judge(catalog, golden.environment()).judge(catalog.claim("exp1:p01").orElseThrow());
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
