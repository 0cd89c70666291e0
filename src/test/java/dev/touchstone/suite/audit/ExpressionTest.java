package dev.touchstone.suite.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.touchstone.statistics.Interval;
import dev.touchstone.suite.audit.Figures.Figure;
import dev.touchstone.suite.audit.Figures.Row;
import dev.touchstone.suite.audit.Value.Condition;
import dev.touchstone.suite.audit.Value.Name;
import dev.touchstone.suite.audit.Value.Nothing;
import dev.touchstone.suite.audit.Value.Real;
import dev.touchstone.suite.audit.Value.Span;
import dev.touchstone.suite.claim.Printed;
import dev.touchstone.suite.claim.Printed.Mark;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpressionTest {
  private final Figures figures = new Figures();

  ExpressionTest() {
    row("exp1:t01", 1, "0", Map.of("ppl", "24.27", "ratio", "1.000x"));
    row("exp1:t01", 2, "25", Map.of("ppl", "26.18", "ratio", "1.079x"));
    row("exp1:t01", 3, "30", Map.of("ppl", "26.7", "ratio", "1.10x"));
    row("exp1:t01", 4, "40", Map.of("ppl", "28.78", "ratio", "1.186x"));
    row("exp1:t02", 1, "L0H1", Map.of("mean-delta", "+108.9%", "zero-delta", "+73.4%"));
    row("exp1:t02", 2, "L0H6", Map.of("mean-delta", "-0.54%", "zero-delta", "+7.2%"));
    row("exp1:t02", 3, "L1H5", Map.of("mean-delta", "-0.0%"));
    figures.addParts("exp1:t02", "heads", List.of("mean-heads", "mean-share"));
    figures.add(new Figure("exp1:p05/pc1", "17.7%", real("17.7%")));
    figures.add(new Figure("exp1:p06", "26-31%", new Span(real("26%"), real("31%"))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1 + 2 * 3                  | 7
          (1 + 2) * 3                | 9
          10 - 4 - 3                 | 3
          24 / 4 / 2                 | 3
          -2 ^ 2                     | -4
          2 ^ 3 ^ 2                  | 512
          2 * -3                     | -6
          5%                         | 0.05
          2.5e-3 * 1e3               | 2.5
          abs(-3) + floor(2.7)       | 5
          min(3, 1, 2) + max(3, 1)   | 4
          144 - exp1:t01:key[40]     | 104
          key[25] * 2                | 50
          abs (-3)                   | 3
          """)
  void computes(String expression, double expected) {
    assertThat(number(expression)).isEqualTo(Interval.point(expected));
  }

  @ParameterizedTest
  @CsvSource({"(, ), 51", "'not ', '', 201", "-, '', 51", "2^, '', 101", "abs(, ), 201"})
  void isOnlySoDeep(String opening, String closing, int column) {
    String expression = opening.repeat(100) + "1" + closing.repeat(100);

    assertThatThrownBy(() -> ExpressionParser.parse(expression))
        .isInstanceOfSatisfying(
            ExpressionException.class, e -> assertThat(e.column()).isEqualTo(column))
        .hasMessage("this stands inside 50 others; an expression is no deeper");
  }

  @Test
  void isAsWideAsItIsLong() {
    assertThat(number("(1)" + " + (1)".repeat(99))).isEqualTo(Interval.point(100));
    assertThat(number("1" + "+1".repeat(499) + " ")).isEqualTo(Interval.point(500));
  }

  @Test
  void isOnlySoLong() {
    for (String expression :
        List.of("(".repeat(10_000) + "1" + ")".repeat(10_000), "1" + " + 1".repeat(250))) {
      assertThatThrownBy(() -> ExpressionParser.parse(expression))
          .isInstanceOfSatisfying(
              ExpressionException.class,
              e -> assertThat(e.in(expression)).hasSizeLessThan(500).contains("column 1001"))
          .hasMessage("an expression has at most 1000 characters; make it two");
    }
  }

  @Test
  void fitsASmallStackHoweverLong() throws InterruptedException {
    List<Object> values = new ArrayList<>();
    Thread thread =
        new Thread(null, () -> values.add(evaluate("1" + "+1".repeat(499))), "small", 1 << 18);
    thread.start();
    thread.join();

    assertThat(values).hasSize(1);
  }

  @Test
  void aPrintedFigureIsWhatRoundsToIt() {
    assertThat(number("ppl")).isEqualTo(new Interval(26.175, 26.185));
    close(number("ppl / ppl[0]"), 26.175 / 24.275, 26.185 / 24.265);
    close(number("exp1:t01:ppl[40]"), 28.775, 28.785);
    close(number("exp1:p05/pc1 / 2"), .1765 / 2, .1775 / 2);
    close(number("exp1:t01:r02:c2 - 1"), .0785, .0795);
    close(number("low(exp1:p06) + high(exp1:p06)"), .56, .58);
  }

  @Test
  void theClaimsOwnFigureIsCalledValue() {
    assertThat(number("value * 2")).isEqualTo(new Interval(2 * 1.0785, 2 * 1.0795));
  }

  @Test
  void aggregatesGoOverTheClaimsOwnTable() {
    close(number("sum(ppl)"), 24.265 + 26.175 + 26.65 + 28.775, 24.275 + 26.185 + 26.75 + 28.785);
    close(number("mean(ppl[*] where key > 0)"), 81.6 / 3, 81.72 / 3);
    close(number("max(ppl)"), 28.775, 28.785);
    close(number("min(ppl where key > 25)"), 26.65, 26.75);
    close(number("count(ppl > 26)"), 3, 3);
    close(number("count(ppl > 26 and key > 25)"), 2, 2);
    close(number("count(not ppl > 26)"), 1, 1);
    close(number("sum(-ppl)"), -105.995, -105.865);
    close(number("sum(previous(ppl))"), 24.265 + 26.175 + 26.65, 24.275 + 26.185 + 26.75);
  }

  @Test
  void findsCellsWhereSomeRowsHaveNone() {
    figures.addParts("exp1:t03", "both", List.of("x", "y"));
    row("exp1:t03", 3, "25", Map.of("x", "3.0"));
    row("exp1:t03", 2, "0", Map.of("y", "2.0"));
    row("exp1:t03", 1, "0", Map.of("x", "1.0"));

    Evaluation third = scope("exp1:t03", 3);
    assertThat(ExpressionParser.parse("previous(x)").evaluate(third)).hasToString("0.95 to 1.05");
    assertThat(ExpressionParser.parse("y[0]").evaluate(third)).hasToString("1.95 to 2.05");
    assertThatThrownBy(() -> ExpressionParser.parse("x[7]").evaluate(third))
        .hasMessage("exp1:t03 has no row \"7\"; its rows are 0, 0, 25");
    assertThatThrownBy(() -> ExpressionParser.parse("both").evaluate(third))
        .hasMessage("the cells of both in exp1:t03 have parts; name one of x, y");
  }

  @Test
  void aggregatesGoOverAnotherTableWithThisRowsCells() {
    close(number("count(exp1:t01:ppl < ppl)"), 1, 2);
    close(number("sum(exp1:t02:zero-delta)"), .7335 + .0715, .7345 + .0725);
    close(number("the(exp1:t02:mean-delta where exp1:t02:key = 'L0H6')"), -.00545, -.00535);
  }

  @Test
  void whatTheDigitsLeaveOpenWidensTheResult() {
    // 1.10x is within 1.1 or not.
    assertThat(number("count(ratio <= 1.1)")).isEqualTo(new Interval(2, 3));
    assertThat(number("last(key, ratio <= 1.1)")).isEqualTo(new Interval(25, 30));
    assertThat(number("first(key, ratio > 1.1)")).isEqualTo(new Interval(30, 40));
    close(number("sum(ppl where ratio <= 1.1 and key > 0)"), 26.175, 26.185 + 26.75);
    close(number("min(ppl where ratio > 1.1)"), 26.65, 28.785);
    close(number("mean(ppl where ratio > 1.1)"), 26.65, 28.785);
    assertThat(number("last(key, ratio <= 1.15)")).isEqualTo(Interval.point(30));
    // Only 1.10x may be it.
    close(number("min(ppl where ratio = 1.1)"), 26.65, 26.75);
    // 1.079x certainly is among them, so it is the one.
    assertThat(number("the(key where 1.0785 <= ratio <= 1.1)")).isEqualTo(Interval.point(25));
  }

  @Test
  void namesAreFoundAndCompared() {
    assertThat(evaluate("the(exp1:t02:key where exp1:t02:mean-delta = max(exp1:t02:mean-delta))"))
        .isEqualTo(Value.name("L0H1"));
    assertThat(evaluate("'L0H1' = 'L0H1'")).isEqualTo(new Condition(Truth.TRUE));
    assertThat(evaluate("'L0H1' != 'L0H2'")).isEqualTo(new Condition(Truth.TRUE));
    assertThat(
            ((Name)
                    evaluate(
                        "the(exp1:t02:key where exp1:t02:mean-delta <= 0 and exp1:t02:mean-delta > -0.5%)"))
                .possible())
        .containsExactly("L1H5");
  }

  @Test
  void whatTheDigitsLeaveOpenMayBeEither() {
    String open = "exp1:t02:mean-delta = -0.54% or exp1:t02:mean-delta = 0";
    assertThat(evaluate("the(exp1:t02:key where " + open + ")")).hasToString("L0H6 or L1H5");
    assertThat(evaluate("last(exp1:t02:mean-delta, " + open + ")")).hasToString("-0.545% to 0.05%");
    assertThatThrownBy(() -> Value.name("L0H1").or(Value.point(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a name and a number do not combine");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ratio < 1.08                            | TRUE
          ratio < 1.079                           | UNDECIDED
          ratio <= 1.07                           | FALSE
          ratio > 1.0785                          | UNDECIDED
          ratio >= 1.0785                         | TRUE
          ratio = 1.0785                          | UNDECIDED
          ratio = 1.08                            | FALSE
          ratio != 1.08                           | TRUE
          3 < 3                                   | FALSE
          3 <= 3                                  | TRUE
          0 = 0                                   | TRUE
          0 < 0                                   | FALSE
          0.000001 < 0.000002                     | TRUE
          0.1 + 0.2 = 0.3                         | TRUE
          1 < ratio < 1.1 < 1.2                   | TRUE
          1 < ratio < 1.07                        | FALSE
          2 < ratio < 3                           | FALSE
          ratio < 1.079 and 1 > 2                 | FALSE
          ratio < 1.079 or 1 < 2                  | TRUE
          ratio < 1.079 and 1 < 2                 | UNDECIDED
          not ratio < 1.079                       | UNDECIDED
          not (1 > 2 or 2 > 3)                    | TRUE
          all(ratio >= 1)                         | UNDECIDED
          all(ratio > 1 where key >= 25)          | TRUE
          all(ratio < 1.1 where key > 25)         | FALSE
          all(ratio < 1.1 where ratio < 1.1)      | UNDECIDED
          """)
  void comparesWithThreeOutcomes(String expression, Truth truth) {
    assertThat(evaluate(expression)).isEqualTo(new Condition(truth));
  }

  @Test
  void anAbsentFigureSaysNothing() {
    Evaluation first = scope("exp1:t01", 1);
    assertThat(ExpressionParser.parse("ppl >= previous(ppl)").evaluate(first))
        .isEqualTo(new Nothing());
    close(
        ((Real) ExpressionParser.parse("previous(ppl)").evaluate(scope("exp1:t01", 3))).interval(),
        26.175,
        26.185);
    close(
        ((Real)
                ExpressionParser.parse("previous(ppl - previous(ppl))")
                    .evaluate(scope("exp1:t01", 3)))
            .interval(),
        26.175 - 24.275,
        26.185 - 24.265);
    assertThat(evaluate("the(exp1:t02:key where exp1:t02:mean-delta > 200%)"))
        .isEqualTo(new Nothing());
    assertThat(evaluate("min(ppl where key > 99)")).isEqualTo(new Nothing());
    assertThat(evaluate("min(ppl where key > 99) < 1 or 1 > 2")).isEqualTo(new Nothing());
    assertThat(evaluate("min(ppl where key > 99) < 1 or 1 < 2"))
        .isEqualTo(new Condition(Truth.TRUE));
    assertThat(evaluate("1 > 2 and min(ppl where key > 99) < 1"))
        .isEqualTo(new Condition(Truth.FALSE));
    assertThat(evaluate("1 < 2 and min(ppl where key > 99) < 1")).isEqualTo(new Nothing());
    assertThat(evaluate("all(ppl < 1 where key > 99)")).isEqualTo(new Nothing());
    assertThat(evaluate("max(1, min(ppl where key > 99))")).isEqualTo(new Nothing());
    assertThat(evaluate("1 > 2 where key > 99")).isEqualTo(new Nothing());
    assertThat(evaluate("1 > 2 where ratio < 1.079")).isEqualTo(new Nothing());
    assertThat(evaluate("1 > 2 where key = 25")).isEqualTo(new Condition(Truth.FALSE));
    assertThat(number("sum(ppl where key > 99)")).isEqualTo(Interval.point(0));
  }

  @Test
  void tellsWhatItRead() {
    Evaluation scope = scope("exp1:t01", 2);
    ExpressionParser.parse("ppl / ppl[0] = 2").evaluate(scope);
    assertThat(scope.trace().figures().values())
        .extracting(Figure::id, Figure::text)
        .containsExactly(
            tuple("exp1:t01:r02:c-ppl", "26.18"), tuple("exp1:t01:r01:c-ppl", "24.27"));
    assertThat(scope.trace().falsehoods())
        .containsExactly("ppl / ppl[0] is 1.07827 to 1.07913, not 2: off by 0.921");
    assertThat(scope.read()).containsExactlyInAnyOrder("exp1:t01:r01:c-ppl", "exp1:t01:r02:c-ppl");
  }

  /** A count counts what is false too; of all it is what refutes. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          count(ppl > 26) = 4           | 4 | count(ppl > 26) is 3, not 4: off by 1
          all(ppl > 25)                 | 4 | ppl is 24.265 to 24.275, not above 25: off by 0.725
          all(ppl > 30 where key = 25)  | 1 | ppl is 26.175 to 26.185, not above 30: off by 3.82
          ppl > 30 where key = 25       | 1 | ppl is 26.175 to 26.185, not above 30: off by 3.82
          ppl > 30 where key = 40       | 0 |
          """)
  void tellsOnlyWhatMatters(String expression, int read, String falsehood) {
    Evaluation scope = scope("exp1:t01", 2);
    ExpressionParser.parse(expression).evaluate(scope);
    assertThat(scope.trace().figures()).hasSize(read);
    assertThat(String.join("; ", scope.trace().falsehoods()))
        .isEqualTo(falsehood == null ? "" : falsehood);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          ppl /                  | 6  | a number, a column, an id, a function or "(" is wanted here, not the end
          ppl / / 2              | 7  | a number, a column, an id, a function or "(" is wanted here, not "/"
          1 and                  | 6  | a number, a column, an id, a function or "(" is wanted here, not the end
          1 andy                 | 3  | an operator or the end is wanted here, not "andy"
          'L0H1' < 'L0H2'        | 8  | "<" cannot compare a name with a name
          previous(ppl, 2)       | 1  | previous takes 1 argument, not 2
          [exp07/norm/11/mean]   | 1  | [exp07/norm/11/mean] is measured, which only an observable may read; write a printed figure
          ppl 2                  | 5  | an operator or the end is wanted here, not "2"
          (ppl                   | 5  | ")" is wanted here, not the end
          ppl[50                 | 1  | "]" is missing after this
          'L0H8                  | 1  | "'" is missing after this
          ppl / pl               | 7  | no column of exp1:t01 is called pl; did you mean "ppl"?
          ppl-1                  | 1  | no column of exp1:t01 is called ppl-1; a minus needs spaces around it
          ppl[50]                | 1  | exp1:t01 has no row "50"; its rows are 0, 25, 30, 40
          exp1:t01:ppl           | 1  | exp1:t01:ppl is a whole column; take one cell of it with [key], or put it in sum, mean, min, max, count, all, first, last or the
          exp1:t09:ppl[0]        | 1  | no claim file has a table exp1:t09; did you mean "exp1:t01"?
          1 + exp1:p05           | 5  | no claim with a figure has the id exp1:p05; did you mean "exp1:p06"?
          exp1:t02:heads[L0H1]   | 1  | the cells of heads in exp1:t02 have parts; name one of mean-heads, mean-share
          sin(ppl)               | 1  | there is no function sin; there are abs, floor, low, high, previous, sum, mean, min, max, count, all, first, last or the
          abs(1, 2)              | 1  | abs takes 1 argument, not 2
          last(ppl)              | 1  | last takes 2 arguments, not 1
          abs(ppl where 1 < 2)   | 1  | abs goes over no rows and takes no where
          previous(2)            | 10 | previous needs a column of the claim's table, and none stands in it
          1 + (2 < 3)            | 8  | a number is wanted here, not a condition
          1 + 'L0H1'             | 5  | a number is wanted here, not a name
          not 3                  | 5  | a condition such as ppl < 30 is wanted here, not a number
          'L0H1' < 3             | 8  | "<" cannot compare a name with a number
          low(ppl)               | 5  | a range such as 26-31% is wanted here, not a number
          sum(1 + 2)             | 1  | sum needs a column to go over, and none stands in it
          count(ppl)             | 1  | count wants a condition such as ppl < 30, not a number
          sum(exp1:t02:key)      | 1  | sum wants numbers, not a name
          sum(exp1:t01:ppl * exp1:t02:zero-delta) | 1 | sum goes over one table at a time, not exp1:t01 and exp1:t02
          the(ppl where key > 0) | 1  | "the" wants one row, and 3 are left; add to its where
          """)
  void errorsPointAtTheirColumn(String expression, int column, String message) {
    assertThatThrownBy(() -> evaluate(expression))
        .isInstanceOf(ExpressionException.class)
        .hasMessage(message)
        .extracting(e -> ((ExpressionException) e).column())
        .isEqualTo(column);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          exp1:p05/pc1                | 17.65% to 17.75%
          exp1:p05/pc1 + 1            | 117.65% to 117.75%
          1 + exp1:p05/pc1            | 117.65% to 117.75%
          ppl + 1                     | 27.175 to 27.185
          exp1:p05/pc1 * 2            | 35.3% to 35.5%
          exp1:p05/pc1 / exp1:p05/pc1 | 0.994366 to 1.00567
          sum(exp1:t02:zero-delta)    | 80.5% to 80.7%
          sum(ppl)                    | 105.865 to 105.995
          max(0, exp1:p05/pc1)        | 17.65% to 17.75%
          max(exp1:p05/pc1, 0)        | 17.65% to 17.75%
          max(1, 2)                   | 2
          ppl / ppl[0]                | 1.07827 to 1.07913
          """)
  void percentagesStayPercentages(String expression, String shown) {
    assertThat(evaluate(expression)).hasToString(shown);
  }

  @Test
  void outsideATableOnlyIdsAndTablesHaveMeaning() {
    Evaluation nowhere = Evaluation.of(figures, Optional.empty(), Optional.empty());
    assertThat(ExpressionParser.parse("exp1:t01:ppl[25] > 26").evaluate(nowhere))
        .isEqualTo(new Condition(Truth.TRUE));
    assertThatThrownBy(() -> ExpressionParser.parse("2 * ppl").evaluate(nowhere))
        .hasMessageStartingWith("\"ppl\" would be a column, but the claim stands in no table");
    assertThatThrownBy(() -> ExpressionParser.parse("sum(ppl)").evaluate(nowhere))
        .hasMessageStartingWith("the claim stands in no table; write exp06:t02:ppl");
    assertThatThrownBy(() -> ExpressionParser.parse("ppl[25]").evaluate(nowhere))
        .hasMessage("the claim stands in no table; write exp06:t02:ppl[25]");
    assertThatThrownBy(() -> ExpressionParser.parse("value").evaluate(nowhere))
        .hasMessage("\"value\" is what the claim prints, and it prints no figure");
  }

  @Test
  void aLongOneIsShownByItsBeginning() {
    ExpressionException error = new ExpressionException(1, "no");
    assertThat(error.in("x".repeat(300))).isEqualTo("in \"%s\", column 1: no", "x".repeat(300));
    assertThat(error.in("x".repeat(301))).isEqualTo("in \"%s...\", column 1: no", "x".repeat(300));
  }

  private Value evaluate(String expression) {
    return ExpressionParser.parse(expression).evaluate(scope("exp1:t01", 2));
  }

  private Interval number(String expression) {
    return ((Real) evaluate(expression)).interval();
  }

  private Evaluation scope(String table, int number) {
    Row row =
        figures.table(table).orElseThrow().rows().stream()
            .filter(each -> each.number() == number)
            .findFirst()
            .orElseThrow();
    return Evaluation.of(figures, Optional.ofNullable(row.cells().get("ratio")), Optional.of(row));
  }

  private void row(String table, int number, String key, Map<String, String> cells) {
    String id = "%s:r%02d".formatted(table, number);
    Map<String, Figure> figuresOfRow = new LinkedHashMap<>();
    boolean numeric = key.matches("\\d+");
    figuresOfRow.put(
        "key",
        new Figure(id, key, numeric ? Value.point(Double.parseDouble(key)) : Value.name(key)));
    cells.forEach(
        (name, text) -> {
          Figure figure = new Figure(id + ":c-" + name, text, real(text));
          figuresOfRow.put(name, figure);
        });
    figures.add(new Row(table, number, key, figuresOfRow));
    if (table.equals("exp1:t01") && number == 2) {
      figures.add(new Figure("exp1:t01:r02:c2", "1.079x", real("1.079x")));
    }
  }

  private static Real real(String text) {
    Printed printed = Printed.parse(text);
    return new Real(printed.rounding(), printed.mark() == Mark.PERCENT);
  }

  private static void close(Interval actual, double low, double high) {
    assertThat(actual.low()).isEqualTo(low, within(1e-9));
    assertThat(actual.high()).isEqualTo(high, within(1e-9));
  }
}
