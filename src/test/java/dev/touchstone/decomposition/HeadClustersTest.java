package dev.touchstone.decomposition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
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
    assertThat(clusters.representative().subList(0, 3)).containsExactly(2, 2, 2);
    assertThat(clusters.representative().get(3)).isEqualTo(clusters.representative().get(4));
    assertThat(clusters.representative().get(5)).isEqualTo(5);
    assertThat(clusters.replaced()).isEqualTo(3);
    assertThat(clusters.inertia()).isCloseTo(1 + 1 + 2 * 1.5 * 1.5, within(1e-12));
  }

  /** Far points spread unevenly: the least variance of distances is not the least inertia. */
  @Test
  void keepsTheTightestOfItsRestarts() {
    Random random = new Random(3);
    double[][] points = new double[60][];
    for (int i = 0; i < points.length; i++) {
      double scale = i < 50 ? 1 : 10;
      points[i] = new double[] {scale * random.nextGaussian(), scale * random.nextGaussian()};
    }

    double best = HeadClusters.of(points, 4, 0).inertia();
    for (int seed = 1; seed < 30; seed++) {
      best = Math.min(best, HeadClusters.of(points, 4, seed).inertia());
    }

    assertThat(HeadClusters.of(points, 4, 42).inertia()).isCloseTo(best, within(0.05 * best));
  }
}
