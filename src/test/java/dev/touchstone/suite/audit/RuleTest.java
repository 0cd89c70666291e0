package dev.touchstone.suite.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.touchstone.statistics.Interval;
import dev.touchstone.suite.audit.Figures.Figure;
import dev.touchstone.suite.audit.Finding.Evidence;
import dev.touchstone.suite.audit.Finding.Remark;
import dev.touchstone.suite.audit.Value.Real;
import dev.touchstone.suite.audit.Value.Span;
import dev.touchstone.suite.claim.Place;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleTest {
  private final Figures figures = new Figures();

  RuleTest() {
    figures.add(
        new Figure("ratio", "1.079x", real(1.0785, 1.0795, false), real(1.079, 1.080, false)));
    figures.add(new Figure("share", "17.7%", real(0.1765, 0.1775, true)));
    figures.add(new Figure("count", "3", Value.point(3)));
    figures.add(new Figure("head", "L0H1", Value.name("L0H1")));
    figures.add(
        new Figure(
            "range", "26-31%", new Span(real(0.255, 0.265, true), real(0.305, 0.315, true))));
  }

  private static Real real(double low, double high, boolean percent) {
    return new Real(new Interval(low, high), percent);
  }

  private Evaluation scope(String own) {
    return Evaluation.of(figures, figures.figure(own), Optional.empty());
  }

  private static Rule rule(boolean derived, String source, String because) {
    return new Rule(
        derived,
        source,
        ExpressionParser.parse(source),
        Optional.ofNullable(because),
        new Place("a.yaml", 1, 1));
  }

  /** The gap is from the nearer end of what the printed digits stand for. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          ratio | 26.18 / 24.27 | false | 26.18 / 24.27 is 1.0787, and 1.079x is printed, which stands for 1.0785 to 1.0795
          ratio | 3             | true  | Ratios divide: 3 is 3, and 1.079x is printed, which stands for 1.0785 to 1.0795: off by 1.92
          ratio | 107.9%        | false | 107.9% is 107.9%, and 1.079x is printed, which stands for 107.85% to 107.95%
          share | 0.177         | false | 0.177 is 17.7%, and 17.7% is printed, which stands for 17.65% to 17.75%
          count | 1 + 2         | false | 1 + 2 is 3, and 3 is printed
          count | 5             | true  | Ratios divide: 5 is 5, and 3 is printed: off by 2
          range | 28%           | false | 28% is 28%, and 26-31% is printed, which stands for 25.5% to 31.5%
          range | 40%           | true  | Ratios divide: 40% is 40%, and 26-31% is printed, which stands for 25.5% to 31.5%: off by 8.5%
          head  | 'L0H1'        | false | 'L0H1' is L0H1, and L0H1 is printed
          head  | 'L0H2'        | true  | Ratios divide: 'L0H2' is L0H2, and L0H1 is printed
          """)
  void holdsWhatIsImpliedAgainstWhatIsPrinted(
      String own, String source, boolean contradiction, String sentence) {
    Remark remark = rule(true, source, "ratios divide").remark(scope(own)).orElseThrow();

    assertThat(remark.sentence()).isEqualTo(sentence);
    assertThat(remark.contradiction()).isEqualTo(contradiction);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          value > 1                | false | value > 1
          value < 1.079            | false | value < 1.079, as far as the printed digits tell
          value > 2                | true  | By design: value is 1.0785 to 1.0795, not above 2: off by 0.921
          value > 2 and 1 > value  | true  | By design: value is 1.0785 to 1.0795, not above 2: off by 0.921; 1, not above 1.0785 to 1.0795 (value): off by 0.0785
          not (value < 2)          | true  | By design: not (value < 2) does not hold
          """)
  void decidesConditions(String source, boolean contradiction, String sentence) {
    Remark remark = rule(false, source, "by design").remark(scope("ratio")).orElseThrow();

    assertThat(remark.sentence()).isEqualTo(sentence);
    assertThat(remark.contradiction()).isEqualTo(contradiction);
  }

  @Test
  void withoutAReasonTheExpressionStaysAsItIsWritten() {
    assertThat(rule(false, "not (value < 2)", null).remark(scope("ratio")).orElseThrow().sentence())
        .isEqualTo("not (value < 2) does not hold");
  }

  @Test
  void saysNothingWhereNothingFollows() {
    assertThat(rule(false, "1 < 2 where 2 < 1", null).remark(scope("ratio"))).isEmpty();
  }

  @Test
  void namesTheFiguresItRead() {
    Remark remark =
        rule(false, "value > count - 2", null)
            .remark(Evaluation.of(figures, figures.figure("ratio"), Optional.of(row())))
            .orElseThrow();

    assertThat(remark.evidence())
        .containsExactly(
            new Evidence("ratio", "1.079x", "1.0785 to 1.0795"), new Evidence("count", "3", ""));
  }

  private Figures.Row row() {
    Figure count = figures.figure("count").orElseThrow();
    Figures.Row row = new Figures.Row("exp1:t01", 1, "3", Map.of("count", count));
    figures.add(row);
    return row;
  }

  @Test
  void readsWhatTheDigitsWouldBeCutFrom() {
    Rule rule = rule(false, "value >= 1.079", null);

    assertThat(rule.remark(scope("ratio")).orElseThrow().sentence())
        .isEqualTo("value >= 1.079, as far as the printed digits tell");
    assertThat(rule.remark(scope("ratio").truncated()).orElseThrow().sentence())
        .isEqualTo("value >= 1.079");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          true  | ratio | 1 < 2  | the claim prints a number and the expression gives a condition
          true  | range | 'L0H1' | the claim prints a range and the expression gives a name
          true  | head  | 3      | the claim prints a name and the expression gives a number
          false | ratio | 1 + 2  | a check is a condition such as ppl < 30, not a number
          """)
  void refusesWhatDoesNotFit(boolean derived, String own, String source, String message) {
    assertThatThrownBy(() -> rule(derived, source, null).remark(scope(own)))
        .isInstanceOf(ExpressionException.class)
        .hasMessage(message);
  }
}
