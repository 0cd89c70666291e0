package dev.touchstone.decomposition;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.ml.clustering.CentroidCluster;
import org.apache.commons.math3.ml.clustering.Cluster;
import org.apache.commons.math3.ml.clustering.Clusterable;
import org.apache.commons.math3.ml.clustering.KMeansPlusPlusClusterer;
import org.apache.commons.math3.ml.clustering.MultiKMeansPlusPlusClusterer;
import org.apache.commons.math3.ml.clustering.evaluation.ClusterEvaluator;
import org.apache.commons.math3.ml.distance.EuclideanDistance;
import org.apache.commons.math3.random.JDKRandomGenerator;

/**
 * Heads grouped by k-means++ on their PCA coefficients, the best of several restarts
 * (docs/protocol.md, "6C").
 *
 * @param representative for each point, the point nearest to the centre of its cluster
 * @param sizes of the clusters, descending
 * @param inertia the summed squared distance of the points to their centres
 */
public record HeadClusters(List<Integer> representative, List<Integer> sizes, double inertia) {
  private static final int RESTARTS = 10;
  private static final int ITERATIONS = 300;
  private static final EuclideanDistance DISTANCE = new EuclideanDistance();

  private record Point(int index, double[] coordinates) implements Clusterable {
    @Override
    public double[] getPoint() {
      return coordinates;
    }
  }

  /** Less is better; Commons Math by itself would go by the variance of the distances. */
  private static final class Inertia extends ClusterEvaluator<Point> {
    @Override
    public double score(List<? extends Cluster<Point>> clusters) {
      double inertia = 0;
      for (Cluster<Point> cluster : clusters) {
        for (Point point : cluster.getPoints()) {
          inertia += Math.pow(distance(point, centroidOf(cluster)), 2);
        }
      }
      return inertia;
    }
  }

  /**
   * Groups points.
   *
   * @param points [n][dimensions]
   * @param k how many clusters, at most n
   * @param seed of the random starts
   */
  public static HeadClusters of(double[][] points, int k, int seed) {
    var clusterer =
        new MultiKMeansPlusPlusClusterer<>(
            new KMeansPlusPlusClusterer<Point>(
                k, ITERATIONS, DISTANCE, new JDKRandomGenerator(seed)),
            RESTARTS,
            new Inertia());
    List<CentroidCluster<Point>> clusters =
        clusterer.cluster(
            IntStream.range(0, points.length).mapToObj(i -> new Point(i, points[i])).toList());
    Integer[] representative = new Integer[points.length];
    for (CentroidCluster<Point> cluster : clusters) {
      double[] centre = cluster.getCenter().getPoint();
      Comparator<Point> nearest =
          Comparator.comparingDouble(point -> DISTANCE.compute(point.coordinates(), centre));
      Point middle = cluster.getPoints().stream().min(nearest).orElseThrow();
      for (Point point : cluster.getPoints()) {
        representative[point.index()] = middle.index();
      }
    }
    return new HeadClusters(
        Arrays.asList(representative),
        clusters.stream()
            .map(cluster -> cluster.getPoints().size())
            .sorted(Comparator.reverseOrder())
            .toList(),
        new Inertia().score(clusters));
  }

  /** How many points another one stands for. */
  public int replaced() {
    return (int)
        IntStream.range(0, representative.size())
            .filter(point -> representative.get(point) != point)
            .count();
  }
}
