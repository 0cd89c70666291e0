package dev.touchstone.suite.observation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "heads/zero/rank/1/head",
        "heads/mean/L0H11/rank",
        "[heads/mean/below/1/count] / [heads/mean/measured/count]",
        "cumulative/mean-l0-protected/within/1.1/heads",
        "layers/zero/largest-mean-delta"
      })
  void asksOtherAblationsOfRankingsAndThresholds(String path) {
    assertThat(Protocol.values()).allMatch(protocol -> protocol.concerns(path));
  }

  /** Nor of what compares zero with mean, for which it stands both. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "heads/zero/L0H8/delta",
        "heads/relu/rank/1/head",
        "cumulative/harmful-first/within/1.1/heads",
        "[cumulative/mean-l0-protected/within/1.1/heads] / [cumulative/zero-all/within/1.1/heads]"
      })
  void asksThemOfNothingElse(String path) {
    assertThat(Protocol.values())
        .filteredOn(protocol -> !protocol.concerns(path))
        .containsExactly(
            Protocol.SHORT_TEXT,
            Protocol.RESAMPLED,
            Protocol.REFERENCE_MEANS,
            Protocol.TOKEN_MEANS,
            Protocol.OPTIMAL_CONSTANTS,
            Protocol.FROZEN_PATTERNS);
  }
}
