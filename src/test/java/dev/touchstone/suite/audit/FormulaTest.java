package dev.touchstone.suite.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.touchstone.corpus.Chunk;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.corpus.Unavailable;
import dev.touchstone.statistics.Bootstrap;
import dev.touchstone.statistics.Interval;
import dev.touchstone.statistics.LossSum;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observation.Names;
import dev.touchstone.suite.observation.Observation.Quantity;
import dev.touchstone.suite.observation.Observation.Series;
import dev.touchstone.suite.observation.Sample;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormulaTest {
  private static final Chunks TEXT = text("validation");
  private static final Chunks OTHER = text("test");
  private static final List<LossSum> BASELINE = losses(3.0, 3.1, 2.9, 3.3, 3.0);
  private static final List<LossSum> ABLATED = losses(3.2, 3.1, 3.4, 3.5, 3.2);
  private static final List<LossSum> WORSE = losses(3.9, 3.3, 3.4, 3.6, 3.8);

  private final Observables observables =
      new Observables()
          .add("norm/{layer:\\d+}/mean", a -> Observation.quantity(10 * a.integer("layer")))
          .add("norm/{layer:\\d+}/std", a -> Observation.quantity(a.integer("layer") + 1))
          .add("head/L{l:\\d}H{h:\\d}", a -> Observation.quantity(a.integer("l") * a.integer("h")))
          .add("within/{threshold:[0-9.]+}", a -> Observation.quantity(20))
          .add("names", a -> new Names(List.of("L0H1", "L0H2")))
          .add("nan", a -> Observation.quantity(Double.NaN))
          .add("series", a -> new Series(List.of(1.0, 2.0)))
          .add("timed", a -> Observation.quantity(4, new Interval(3, 5)))
          .add("ablated", a -> ratio(TEXT, ABLATED))
          .add("stored", a -> Observation.stored(1.3, ratio(TEXT, ABLATED).sample().orElseThrow()))
          .add("worse", a -> ratio(TEXT, WORSE))
          .add("elsewhere", a -> ratio(OTHER, WORSE))
          .add(
              "absent",
              a -> {
                throw Unavailable.missing("the weights are not here", "get them");
              });

  private static Chunks text(String corpus) {
    return new Chunks(
        corpus, 2, IntStream.range(0, 5).mapToObj(i -> new Chunk(2 * i, new int[2])).toList());
  }

  private static List<LossSum> losses(double... perToken) {
    return IntStream.range(0, perToken.length)
        .mapToObj(i -> new LossSum(perToken[i] * (i + 1), i + 1))
        .toList();
  }

  private static Quantity ratio(Chunks text, List<LossSum> losses) {
    return Observation.quantity(
        LossSum.total(losses).perplexity() / LossSum.total(BASELINE).perplexity(),
        new Sample(text, List.of(losses, BASELINE), p -> p[0] / p[1]));
  }

  private Observation observe(String formula) {
    return Formula.parse(formula).of(observables).orElseThrow().get();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          norm/11/mean                                                    | 110
          [norm/11/mean] / mean([norm/{layer:3..8}/mean])                  | 2
          min([norm/{layer:3..8}/mean] / [norm/{layer}/std])               | 7.5
          max(sum([norm/{layer:0..3}/mean]), [norm/5/mean])                | 60
          max([norm/{layer:3..3}/mean])                                    | 30
          sum([norm/{layer:0..11}/std] where layer != 2 and layer != 11)   | 63
          count([norm/{layer:1,4..6}/mean] <= 50)                          | 3
          count([norm/{layer:1..3}/mean] > 10) / 3                         | 0.6666666666666666
          sum([head/L{l:0..2}H{h:1..3}] where l > 1)                       | 12
          max(mean([norm/{layer:0..3}/mean]), mean([norm/{layer:1,2}/std])) | 15
          max(abs([within/{threshold:1.1,2.0}] - [norm/3/mean]))           | 10
          [names]                                                          | 2
          [names] + 1                                                      | 3
          1 - [norm/1/mean] ^ 2 / 400                                      | 0.75
          5% * [norm/2/mean]                                               | 1
          """)
  void computesNumbersOfNumbers(String formula, double value) {
    assertThat(observe(formula)).isEqualTo(Observation.quantity(value));
  }

  @Test
  void aRangeThatNothingGoesOverMakesASeries() {
    assertThat(observe("norm/{layer:3..5}/mean")).isEqualTo(new Series(List.of(30.0, 40.0, 50.0)));
    assertThat(observe("[norm/{layer:1,3}/mean] / [norm/{layer}/std]"))
        .isEqualTo(new Series(List.of(5.0, 7.5)));
    assertThat(observe("[norm/{layer:2,4}/mean] / max([norm/{l:1..2}/mean])"))
        .isEqualTo(new Series(List.of(1.0, 2.0)));
  }

  @Test
  void aPathAloneIsObservedAsItIs() {
    assertThat(observe("names")).isEqualTo(new Names(List.of("L0H1", "L0H2")));
    assertThat(observe("series")).isEqualTo(new Series(List.of(1.0, 2.0)));
    Quantity timed = (Quantity) observe("timed");
    assertThat(timed.value()).isEqualTo(4);
    assertThat(timed.interval()).contains(new Interval(3, 5));
  }

  @Test
  void drawsChunksOnceForAllItReads() {
    Interval drawn =
        Bootstrap.interval(
            List.of(List.of(ABLATED, BASELINE, WORSE)),
            p -> (p[0][0] / p[0][1] - 1) / (p[0][2] / p[0][1] - 1));

    Quantity share = (Quantity) observe("([ablated] - 1) / ([worse] - 1)");

    assertThat(share.interval().orElseThrow().low()).isCloseTo(drawn.low(), within(1e-12));
    assertThat(share.interval().orElseThrow().high()).isCloseTo(drawn.high(), within(1e-12));
    assertThat(share.interval().orElseThrow().contains(share.value())).isTrue();
  }

  @Test
  void computesOfStoredNumbersAndShowsTheUnroundedBesideAndItsSpread() {
    Quantity tenth = (Quantity) observe("[stored] / 10");

    assertThat(tenth.value()).isEqualTo(0.13);
    assertThat(tenth.unrounded().orElseThrow())
        .isCloseTo(ratio(TEXT, ABLATED).value() / 10, within(1e-12));
    assertThat(tenth.interval()).isEqualTo(((Quantity) observe("[ablated] / 10")).interval());
    assertThat(observe("count([stored] > [norm/{n:0..2}/mean])"))
        .isEqualTo(Observation.stored(1, 1));
  }

  @Test
  void whatCancelsHasNoSpread() {
    Interval interval = ((Quantity) observe("[ablated] / [ablated]")).interval().orElseThrow();
    assertThat(interval).isEqualTo(Interval.point(1));
  }

  @Test
  void drawsTheChunksOfTwoTextsApart() {
    Interval drawn =
        Bootstrap.interval(
            List.of(List.of(WORSE, BASELINE), List.of(WORSE, BASELINE)),
            p -> p[0][0] / p[0][1] / (p[1][0] / p[1][1]));

    Interval interval = ((Quantity) observe("[worse] / [elsewhere]")).interval().orElseThrow();

    assertThat(interval.low()).isCloseTo(drawn.low(), within(1e-12)).isLessThan(1);
    assertThat(interval.high()).isCloseTo(drawn.high(), within(1e-12)).isGreaterThan(1);
  }

  @ParameterizedTest
  @CsvSource({
    "[ablated] / [norm/3/mean]",
    "[timed] / 2",
    "count([ablated] > [norm/{n:0..2}/mean])"
  })
  void hasNoIntervalWithoutLossesOfAllItReadsNorOfACount(String formula) {
    assertThat(((Quantity) observe(formula)).interval()).isEqualTo(Optional.empty());
  }

  @Test
  void namesEveryPathItMayRead() {
    assertThat(
            Formula.parse("[norm/1/mean] / min([norm/{layer:2..3}/mean] where layer > 2)").paths())
        .containsExactly(
            new Formula.Path("norm/1/mean", 1),
            new Formula.Path("norm/2/mean", 21),
            new Formula.Path("norm/3/mean", 21));
  }

  @Test
  void makesAThousandChoices() {
    assertThat(Formula.parse("[n/{a:0..99}/{b:0..9}]").paths()).hasSize(1000);
  }

  @Test
  void isNothingWhereOneOfItsPathsIsNothing() {
    assertThat(Formula.parse("[norm/1/mean] / [norm/1/median]").of(observables)).isEmpty();
    assertThat(Formula.parse("norm/1/median").of(observables)).isEmpty();
  }

  @Test
  void isAbsentWhereOneOfItsInputsIs() {
    assertThatThrownBy(() -> observe("[norm/1/mean] / [absent]"))
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("the weights are not here");
    assertThatThrownBy(() -> observe("[norm/1/mean] / [norm/0/mean]"))
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("divides by 0");
    assertThatThrownBy(() -> observe("[norm/1/mean] / [nan]"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("nan was measured, and it is no number");
    assertThatThrownBy(() -> observe("[series]"))
        .hasMessage("a formula computes with numbers, and series is a series of them");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          [norm/1/mean / 2                          | 1  | "]" is missing after this
          [norm/1/mean] /                           | 16 | a number, a column, an id, a function or "(" is wanted here, not the end
          mean([norm/1/mean])                       | 1  | mean goes over a range, and none stands in it; write one as {layer:0..11} in a path
          [norm/{layer}/mean] / 2                   | 1  | nothing says what {layer} goes over; write for instance {layer:0..11}
          mean([norm/{layer:8..3}/mean])            | 19 | "8..3" counts down; write 3..8
          mean([norm/{layer:3..}/mean])             | 19 | "3.." is no value of a range such as 0..11 or 1,3,8
          mean([norm/{layer:0..99999}/mean])        | 19 | "0..99999" is no value of a range such as 0..11 or 1,3,8
          [n/{a:0..999}/{b:0..99}/{c:0..9}]         | 18 | the ranges make 100000 choices; 1000 are enough
          mean([norm/{layer:1,}/mean])              | 19 | "" is no value of a range such as 0..11 or 1,3,8
          [norm/{l:1,2}/mean] + [norm/{l:1,3}/mean] | 23 | {l} is given two ranges; say it once and write {l} after
          [norm/1/mean] > 3                         | 15 | a number is observed; a condition stands inside count(...) or where
          [norm/1/mean] / exp06:p02                 | 17 | an observable reads what is measured, a path in brackets such as [exp07/norm/11/mean], and no printed figure
          [norm/1/mean] / ratio[25]                 | 17 | an observable reads what is measured, a path in brackets such as [exp07/norm/11/mean], and no printed figure
          count([norm/{layer:1..3}/mean] > layers)  | 34 | an observable reads what is measured, a path in brackets such as [exp07/norm/11/mean], and no printed figure
          """)
  void saysWhatIsWrongAndWhere(String formula, int column, String message) {
    assertThatThrownBy(() -> Formula.parse(formula))
        .isInstanceOfSatisfying(
            ExpressionException.class, e -> assertThat(e.column()).isEqualTo(column))
        .hasMessage(message);
  }
}
