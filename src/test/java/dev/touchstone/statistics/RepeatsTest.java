package dev.touchstone.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.touchstone.Seeds;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RepeatsTest {
  private static Repeats of(double... values) {
    return new Repeats(DoubleStream.of(values).boxed().toList());
  }

  @Test
  void hasMeanAndMedian() {
    Repeats repeats = of(4, 1, 7, 2);

    assertThat(repeats.mean()).isEqualTo(3.5);
    assertThat(repeats.median()).isEqualTo(3);
  }

  /** Tabled for the sign test: ten values, second smallest to second largest, 97.9%. */
  @Test
  void boundsTheMedianByOrderStatistics() {
    assertThat(of(10, 9, 8, 7, 6, 5, 4, 3, 2, 1).medianInterval()).isEqualTo(new Interval(2, 9));
    assertThat(of(3, 1, 2).medianInterval()).isEqualTo(new Interval(1, 3));
  }

  /** t with 3 degrees of freedom is 3.182446 at 97.5%. */
  @Test
  void boundsTheMeanByStudentsT() {
    Interval interval = of(1, 2, 3, 4).meanInterval();

    double reach = 3.182446305 * Math.sqrt(5.0 / 3) / 2;
    assertThat(interval.low()).isCloseTo(2.5 - reach, within(1e-6));
    assertThat(interval.high()).isCloseTo(2.5 + reach, within(1e-6));
  }

  /** t with 1 degree of freedom is 12.706205 at 97.5%. */
  @Test
  void twoValuesBoundTheMean() {
    Interval interval = of(1, 3).meanInterval();

    assertThat(interval.low()).isCloseTo(2 - 12.7062047, within(1e-6));
    assertThat(interval.high()).isCloseTo(2 + 12.7062047, within(1e-6));
  }

  @Test
  void holdsAFurtherDrawNinetyFiveTimesInAHundred() {
    Random random = new Random(Seeds.seed("RepeatsTest"));
    int held = 0;
    for (int trial = 0; trial < 4000; trial++) {
      List<Double> draws =
          IntStream.range(0, 5).mapToObj(i -> Math.exp(3 + 0.4 * random.nextGaussian())).toList();
      held +=
          new Repeats(draws).nextDraw().contains(Math.exp(3 + 0.4 * random.nextGaussian())) ? 1 : 0;
    }
    assertThat(held / 4000.0).isCloseTo(0.95, within(0.015));
  }

  /** Wilson's interval of 20 successes in 20 begins at 1 / (1 + z^2 / 20). */
  @Test
  void saysHowProbableWhatAlwaysHappenedIsAtLeast() {
    double[] always = new double[20];

    Estimate share = of(always).below(1);

    assertThat(share.value()).isEqualTo(1);
    assertThat(share.interval().low())
        .isCloseTo(1 / (1 + 1.959963985 * 1.959963985 / 20), within(1e-6));
    assertThat(share.interval().high()).isCloseTo(1, within(1e-12));
    assertThat(of(0, 2, 1, 3).below(1).value()).isEqualTo(0.25);
  }

  @Test
  void refusesToSpeakOfSpreadAfterOneValue() {
    assertThatThrownBy(() -> of(1).nextDraw())
        .hasMessage("one value alone says nothing of how values spread");
  }
}
