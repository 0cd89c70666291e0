package dev.touchstone.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.touchstone.Seeds;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import org.junit.jupiter.api.Test;

class IntervalTest {
  private static final double INFINITY = Double.POSITIVE_INFINITY;

  @Test
  void hasOrderedEnds() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Interval(2, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new Interval(Double.NaN, 1));
  }

  @Test
  void whatIsBeyondAFloatIsNotKnown() {
    Interval beyond = Interval.point(10).power(Interval.point(400));
    for (Interval unknown :
        List.of(
            beyond.minus(beyond),
            Interval.point(1).power(beyond),
            new Interval(-2, 0.5).power(beyond),
            Interval.point(-1).power(beyond.negated()))) {
      assertThat(unknown)
          .isEqualTo(new Interval(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY));
    }
  }

  @Test
  void arithmeticHoldsEveryResultOnMembers() {
    SplittableRandom random = new SplittableRandom(Seeds.seed("IntervalTest"));
    for (int i = 0; i < 20_000; i++) {
      Interval a = between(random.nextDouble(-5, 5), random.nextDouble(-5, 5));
      Interval b = between(random.nextDouble(-5, 5), random.nextDouble(-5, 5));
      double x = random.nextDouble(a.low(), Math.nextUp(a.high()));
      double y = random.nextDouble(b.low(), Math.nextUp(b.high()));
      holds(a, b, x, y, Interval::plus, Double::sum);
      holds(a, b, x, y, Interval::minus, (s, t) -> s - t);
      holds(a, b, x, y, Interval::times, (s, t) -> s * t);
      holds(a, b, x, y, Interval::dividedBy, (s, t) -> s / t);
      holds(a, b, x, y, Interval::min, Math::min);
      holds(a, b, x, y, Interval::max, Math::max);
      holds(a, b, x, y, (s, t) -> s.magnitude(), (s, t) -> Math.abs(s));
      holds(a, b, x, y, (s, t) -> s.floor(), (s, t) -> Math.floor(s));
      holds(a, b, x, y, (s, t) -> s.magnitude().power(t), (s, t) -> Math.pow(Math.abs(s), t));
      Interval whole = Interval.point(random.nextInt(-4, 5));
      holds(a, whole, x, whole.low(), Interval::power, Math::pow);
    }
  }

  @Test
  void productsAndPowersAreTight() {
    assertThat(new Interval(-2, 3).times(new Interval(-1, 4))).isEqualTo(new Interval(-8, 12));
    assertThat(new Interval(-2, 3).power(Interval.point(2))).isEqualTo(new Interval(0, 9));
    assertThat(new Interval(-2, 3).power(Interval.point(3))).isEqualTo(new Interval(-8, 27));
    assertThat(new Interval(1, 2).dividedBy(new Interval(4, 8)))
        .isEqualTo(new Interval(0.125, 0.5));
  }

  @Test
  void dividingByWhatMayBeZeroSaysNothing() {
    assertThat(new Interval(1, 2).dividedBy(new Interval(0, 1)))
        .isEqualTo(new Interval(-INFINITY, INFINITY));
    assertThat(new Interval(-1, 2).power(Interval.point(0.5)))
        .isEqualTo(new Interval(-INFINITY, INFINITY));
    assertThat(new Interval(-INFINITY, INFINITY).times(Interval.point(0)))
        .isEqualTo(Interval.point(0));
  }

  @Test
  void holdsItsEndsAndNothingBeyond() {
    Interval interval = new Interval(1, 2);
    assertThat(interval.contains(1)).isTrue();
    assertThat(interval.contains(2)).isTrue();
    assertThat(interval.contains(Math.nextDown(1.0))).isFalse();
    assertThat(interval.contains(Math.nextUp(2.0))).isFalse();
    assertThat(interval.isPoint()).isFalse();
    assertThat(Interval.point(3).isPoint()).isTrue();
  }

  @Test
  void theHullHoldsWhatLiesBetween() {
    assertThat(new Interval(1, 2).hull(new Interval(4, 5))).isEqualTo(new Interval(1, 5));
    assertThat(new Interval(1, 5).hull(new Interval(2, 3))).isEqualTo(new Interval(1, 5));
  }

  @Test
  void rootsOfWhatBeginsAtZeroBeginAtZero() {
    assertThat(new Interval(0, 4).power(Interval.point(0.5))).isEqualTo(new Interval(0, 2));
  }

  @Test
  void distanceIsTheGap() {
    assertThat(new Interval(1, 2).distance(new Interval(2, 3))).isZero();
    assertThat(new Interval(1, 2).distance(new Interval(2.5, 3))).isEqualTo(0.5);
    assertThat(new Interval(2.5, 3).distance(new Interval(1, 2))).isEqualTo(0.5);
  }

  private static void holds(
      Interval a,
      Interval b,
      double x,
      double y,
      BinaryOperator<Interval> onIntervals,
      DoubleBinaryOperator onNumbers) {
    Interval result = onIntervals.apply(a, b);
    double member = onNumbers.applyAsDouble(x, y);
    double noise = 1e-12 * Math.max(1, Math.abs(member));
    if (Double.isFinite(member)) {
      assertThat(member)
          .as("of %s in %s and %s in %s", x, a, y, b)
          .isBetween(result.low() - noise, result.high() + noise);
    }
  }

  private static Interval between(double a, double b) {
    return new Interval(Math.min(a, b), Math.max(a, b));
  }
}
