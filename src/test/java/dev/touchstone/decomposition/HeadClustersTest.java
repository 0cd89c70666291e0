package dev.touchstone.decomposition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadClustersTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 42, 61})
  void findsGroupsThatLieApart(int seed) {
    double[][] points = {{0, 0}, {2, 0}, {1, 0}, {100, 0}, {100, 3}, {50, 50}};

    HeadClusters clusters = HeadClusters.of(points, 3, seed);

    assertThat(clusters.sizes()).containsExactly(3, 2, 1);
    assertThat(clusters.representative()).containsExactly(2, 2, 2, 3, 3, 5);
    assertThat(clusters.replaced()).isEqualTo(3);
    assertThat(clusters.inertia()).isCloseTo(1 + 1 + 2 * 1.5 * 1.5, within(1e-12));
  }

  @Test
  void oneClusterKeepsOneOfItsPoints() {
    HeadClusters clusters = HeadClusters.of(new double[][] {{0, 0}, {2, 0}, {1, 0}}, 1, 42);

    assertThat(clusters.representative()).containsExactly(2, 2, 2);
    assertThat(clusters.replaced()).isEqualTo(2);
  }

  /** From the very same coefficients, so that nothing but k-means can differ. */
  @ParameterizedTest(name = "{0} clusters")
  @ValueSource(ints = {4, 8, 12, 16, 32, 64})
  void clustersNano144AsScikitLearnDoes(int k) {
    double[][] coefficients = ScikitLearnClusters.coefficientsOfNano144();

    ScikitLearnClusters.of("nano144").agreeOn(coefficients, k, 1e-10);
  }
}
