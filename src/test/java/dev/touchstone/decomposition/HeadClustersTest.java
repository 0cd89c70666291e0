package dev.touchstone.decomposition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.commons.math3.ml.clustering.CentroidCluster;
import org.apache.commons.math3.ml.clustering.DoublePoint;
import org.apache.commons.math3.ml.clustering.KMeansPlusPlusClusterer;
import org.apache.commons.math3.ml.distance.EuclideanDistance;
import org.apache.commons.math3.random.JDKRandomGenerator;
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

  /**
   * Ten single runs, drawn from the same random numbers, are the ten restarts. Far points spread
   * unevenly: the least variance of distances is not the least inertia.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void keepsTheTightestOfItsRestarts(int seed) {
    Random random = new Random(seed);
    double[][] points = new double[60][];
    for (int i = 0; i < points.length; i++) {
      double scale = i < 50 ? 1 : 10;
      points[i] = new double[] {scale * random.nextGaussian(), scale * random.nextGaussian()};
    }
    var single =
        new KMeansPlusPlusClusterer<DoublePoint>(
            4, 300, new EuclideanDistance(), new JDKRandomGenerator(seed));
    List<DoublePoint> wrapped = Arrays.stream(points).map(DoublePoint::new).toList();

    double tightest =
        IntStream.range(0, 10)
            .mapToDouble(restart -> inertia(single.cluster(wrapped)))
            .min()
            .orElseThrow();

    assertThat(HeadClusters.of(points, 4, seed).inertia()).isCloseTo(tightest, within(1e-9));
  }

  private static double inertia(List<CentroidCluster<DoublePoint>> clusters) {
    EuclideanDistance distance = new EuclideanDistance();
    return clusters.stream()
        .flatMapToDouble(
            cluster ->
                cluster.getPoints().stream()
                    .mapToDouble(
                        point ->
                            distance.compute(point.getPoint(), cluster.getCenter().getPoint())))
        .map(each -> each * each)
        .sum();
  }
}
