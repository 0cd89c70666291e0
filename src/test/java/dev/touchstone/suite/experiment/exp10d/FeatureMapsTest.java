package dev.touchstone.suite.experiment.exp10d;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FeatureMapsTest {
  private static FeatureMaps rectified(int places) {
    return FeatureMaps.onCircle(places, score -> Math.max(0, score));
  }

  @Test
  void needAsManyFeaturesAsScoresHaveDimensions() {
    FeatureMaps scores = FeatureMaps.onCircle(64, score -> score);

    assertThat(scores.features()).isEqualTo(2);
    assertThat(scores.leastEigenvalue()).isCloseTo(0, within(1e-9));
  }

  /**
   * The Fourier coefficients of max(0, cos) vanish at odd frequencies beyond 1 and nowhere else, so
   * n places (n a multiple of 4) need n/2 + 2 features, without end.
   */
  @ParameterizedTest
  @ValueSource(ints = {8, 16, 64, 128})
  void neverSufficeForReluOfAScore(int places) {
    assertThat(rectified(places).features()).isEqualTo(places / 2 + 2);
  }

  /** Eight places: 1 + 2 cos(45 degrees) cos(180 degrees) = 1 - sqrt 2. */
  @Test
  void areNoSquareWhereAnEigenvalueIsNegative() {
    assertThat(rectified(8).leastEigenvalue()).isCloseTo(1 - Math.sqrt(2), within(1e-12));
  }

  @Test
  void approximateAsWellAsTheSingularValuesAllow() {
    FeatureMaps diagonal =
        new FeatureMaps(new Array2DRowRealMatrix(new double[][] {{3, 0, 0}, {0, 4, 0}, {0, 0, 0}}));

    assertThat(diagonal.features(0.61)).isEqualTo(1);
    assertThat(diagonal.features(0.59)).isEqualTo(2);
    assertThat(diagonal.features(0)).isEqualTo(2);
  }
}
