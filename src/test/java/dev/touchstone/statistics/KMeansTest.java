package dev.touchstone.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/**
 * What no subject's heads come to, against scikit-learn 1.9.1's {@code KMeans(k, init=centres,
 * n_init=1)}; the rest HeadClustersTest holds to it.
 */
class KMeansTest {
  private static final double[][] POINTS = {
    {0, 0}, {1, 0}, {0, 2}, {10, 10}, {11, 10}, {10, 13}, {40, 3}
  };

  @Test
  void givesAnEmptyClusterThePointFarthestFromItsCentre() {
    KMeans means = KMeans.of(POINTS, new double[][] {{0, 0}, {10, 10}, {500, 500}});

    assertThat(means.labels()).containsExactly(0, 0, 0, 1, 1, 1, 2);
    assertThat(means.inertia()).isCloseTo(10, within(1e-12));
    assertThat(means.centres()[2]).containsExactly(new double[] {40, 3}, within(1e-12));
  }

  @Test
  void takesThatPointFromAClusterThatGoesOn() {
    KMeans means = KMeans.of(POINTS, new double[][] {{0, 1}, {12, 9}, {500, 500}, {41, 3}});

    assertThat(means.labels()).containsExactly(0, 0, 0, 1, 1, 2, 3);
    assertThat(means.inertia()).isCloseTo(3.8333333333333335, within(1e-12));
    assertThat(means.centres()[1]).containsExactly(new double[] {10.5, 10}, within(1e-12));
  }

  @Test
  void refusesMoreClustersThanDifferentPoints() {
    assertThatThrownBy(() -> KMeans.of(new double[][] {{1}, {2}, {2}}, 3, 42))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("fewer than 3 of the points differ; choose fewer clusters");
  }
}
