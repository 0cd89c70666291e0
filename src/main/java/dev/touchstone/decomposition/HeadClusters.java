package dev.touchstone.decomposition;

import dev.touchstone.statistics.KMeans;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.util.MathArrays;

/**
 * Heads grouped by k-means on their PCA coefficients (docs/protocol.md, "6C").
 *
 * @param representative for each point, the point of its cluster nearest to the centre; the first
 *     of those equally near, as the two points of a pair always are
 * @param sizes of the clusters, descending
 * @param inertia the summed squared distance of the points to their centres
 */
public record HeadClusters(List<Integer> representative, List<Integer> sizes, double inertia) {
  /** Relative distances below which two points differ by rounding alone. */
  private static final double TIE = 1e-9;

  /**
   * Groups points.
   *
   * @param points [n][dimensions]
   * @param k how many clusters, at most n
   * @param seed of the random starts, not negative
   */
  public static HeadClusters of(double[][] points, int k, int seed) {
    return of(points, KMeans.of(points, k, seed));
  }

  /** Groups points as k-means did. */
  static HeadClusters of(double[][] points, KMeans means) {
    int k = means.centres().length;
    int[] middle = IntStream.range(0, k).map(cluster -> middle(points, means, cluster)).toArray();
    return new HeadClusters(
        means.labels().stream().map(cluster -> middle[cluster]).toList(),
        IntStream.range(0, k)
            .mapToObj(cluster -> Collections.frequency(means.labels(), cluster))
            .sorted(Comparator.reverseOrder())
            .toList(),
        means.inertia());
  }

  private static int middle(double[][] points, KMeans means, int cluster) {
    int middle = -1;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < points.length; i++) {
      double distance = MathArrays.distance(points[i], means.centres()[cluster]);
      if (means.labels().get(i) == cluster && distance < least * (1 - TIE)) {
        least = distance;
        middle = i;
      }
    }
    return middle;
  }

  /** How many points another one stands for. */
  public int replaced() {
    return (int)
        IntStream.range(0, representative.size())
            .filter(point -> representative.get(point) != point)
            .count();
  }
}
