package dev.touchstone.suite.observation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProtocolTest {
  private static final SortedMap<Integer, Double> CURVE =
      new TreeMap<>(Map.of(0, 1.0, 10, 1.05, 20, 1.15, 30, 1.12, 40, 1.6));

  @ParameterizedTest(name = "within {0}")
  @CsvSource({"1.1, 10, 15", "1.12, 30, 30", "1.36, 30, 35", "2.0, 40, 40", "0.9, 0, 0"})
  void readsAThresholdAtTheLastStepOrBetweenTwo(double threshold, int step, double between) {
    assertThat(Protocol.REPORTS.within(CURVE, threshold)).isEqualTo(step);
    assertThat(Protocol.INTERPOLATED_THRESHOLDS.within(CURVE, threshold))
        .isCloseTo(between, within(1e-9));
  }

  @Test
  void ranksByMagnitudeOrBySign() {
    assertThat(Protocol.REPORTS.importance(-0.2)).isEqualTo(0.2);
    assertThat(Protocol.SIGNED_RANKING.importance(-0.2)).isEqualTo(-0.2);
  }
}
