package dev.touchstone.suite.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrendTest {
  @Test
  void seesNothingOfTheFirstHalf() {
    Trend trend = of(round -> Math.min(round, 50));

    assertThat(trend).isEqualTo(new Trend(0, 0, new Trend.Point(50, 50), new Trend.Point(100, 50)));
    assertThat(trend.isFlat(0)).isTrue();
  }

  @Test
  void isTheSlopeOfTheSecond() {
    Trend trend = of(round -> round < 50 ? 400 : 3 + 0.25 * round);

    assertThat(trend.slope()).isEqualTo(0.25, within(1e-12));
    assertThat(trend.grows(0.24)).isTrue();
    assertThat(trend.isFlat(0.26)).isTrue();
  }

  /** Of noise of 1 to either side over 51 rounds the interval's half width is 0.0195. */
  @Test
  void saysNothingOfWhatIsWithinItsInterval() {
    Trend trend = of(round -> 300 + (round % 2 == 0 ? 1 : -1));

    assertThat(trend.margin()).isEqualTo(0.0195, within(5e-5));
    assertThat(trend.isFlat(0.1)).isTrue();
    assertThat(trend.isFlat(0.01)).isFalse();
    assertThat(trend.grows(0)).isFalse();
  }

  private static Trend of(IntToDoubleFunction resident) {
    List<Held> held =
        IntStream.rangeClosed(0, 100)
            .mapToObj(round -> new Held(round, resident.applyAsDouble(round), 0, 0, 0))
            .toList();
    return Trend.of(held, Held::resident);
  }
}
