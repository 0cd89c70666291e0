package dev.touchstone.statistics;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.RealVector;

/**
 * Points grouped as scikit-learn 1.9.1 groups them, {@code KMeans(k, n_init=10, random_state=seed)}
 * in float64: greedy k-means++, Lloyd's iterations, the best of ten restarts. Only rounding
 * differs. Where candidates of k-means++ tie, it decides among them in scikit-learn, and here the
 * first is taken; where two clusters empty at once, NumPy leaves open which far point each takes.
 *
 * @param labels for each point the index of its cluster
 * @param centres of the clusters, [k][dimensions]
 * @param inertia the summed squared distance of the points to their centres
 * @see <a href="https://scikit-learn.org/1.9/modules/generated/sklearn.cluster.KMeans.html">KMeans
 *     of scikit-learn</a>
 * @see <a href="https://theory.stanford.edu/~sergei/papers/kMeansPP-soda.pdf">Arthur and
 *     Vassilvitskii 2007</a>
 */
public record KMeans(List<Integer> labels, double[][] centres, double inertia) {
  private static final int RESTARTS = 10;
  private static final int ITERATIONS = 300;

  /** Of the coordinates' mean variance: centres are at rest that move less in all. */
  private static final double AT_REST = 1e-4;

  /**
   * Relative. Two candidates that are nearest to each other, and to no other point, lower the
   * potential equally, whatever rounding says; the first drawn is taken.
   */
  private static final double TIE = 1e-12;

  /** Points less their mean, and how little centres must move to be at rest. */
  private record Points(List<RealVector> all, RealVector mean, double atRest) {
    static Points of(double[][] points) {
      RealVector mean = new ArrayRealVector(points[0].length);
      for (double[] point : points) {
        mean.combineToSelf(1, 1, new ArrayRealVector(point, false));
      }
      mean.mapDivideToSelf(points.length);
      List<RealVector> all = shifted(points, mean);
      double squares = all.stream().mapToDouble(point -> point.dotProduct(point)).sum();
      return new Points(all, mean, AT_REST * squares / points.length / mean.getDimension());
    }

    List<RealVector> shifted(double[][] points) {
      return shifted(points, mean);
    }

    private static List<RealVector> shifted(double[][] points, RealVector mean) {
      return Arrays.stream(points)
          .<RealVector>map(point -> new ArrayRealVector(point, false).subtract(mean))
          .toList();
    }

    KMeans uncentred(Run run) {
      return new KMeans(
          Arrays.stream(run.labels).boxed().toList(),
          run.centres.stream().map(centre -> centre.add(mean).toArray()).toArray(double[][]::new),
          run.inertia);
    }
  }

  private record Run(int[] labels, List<RealVector> centres, double inertia) {
    static Run of(List<RealVector> points, int[] labels, List<RealVector> centres) {
      return new Run(labels, centres, Arrays.stream(distances(points, labels, centres)).sum());
    }

    /** Whether the clusters are the other's under other numbers, or lie in them. */
    boolean groupsAs(Run other) {
      Integer[] counterpart = new Integer[centres.size()];
      for (int i = 0; i < labels.length; i++) {
        if (counterpart[labels[i]] == null) {
          counterpart[labels[i]] = other.labels[i];
        } else if (counterpart[labels[i]] != other.labels[i]) {
          return false;
        }
      }
      return true;
    }
  }

  /**
   * Groups points.
   *
   * @param points [n][dimensions]
   * @param k how many clusters
   * @param seed of the random starts, not negative
   * @throws IllegalArgumentException when there are not so many different points
   */
  public static KMeans of(double[][] points, int k, int seed) {
    Points centred = Points.of(points);
    if (new HashSet<>(centred.all).size() < k) {
      throw new IllegalArgumentException(
          "fewer than " + k + " of the points differ; choose fewer clusters");
    }
    NumpyRandom random = new NumpyRandom(seed);
    Run best = run(centred, start(centred.all, k, random));
    for (int restart = 1; restart < RESTARTS; restart++) {
      Run run = run(centred, start(centred.all, k, random));
      // Of the same clusters rounding must not choose the numbers.
      if (run.inertia < best.inertia && !run.groupsAs(best)) {
        best = run;
      }
    }
    return centred.uncentred(best);
  }

  /** One run from given centres, {@code KMeans(k, init=centres, n_init=1)}. */
  static KMeans of(double[][] points, double[][] centres) {
    Points centred = Points.of(points);
    return centred.uncentred(run(centred, centred.shifted(centres)));
  }

  /** Greedy k-means++: of several points drawn by their distance the one that lowers it most. */
  private static List<RealVector> start(List<RealVector> points, int k, NumpyRandom random) {
    int candidates = 2 + (int) Math.log(k);
    RealVector alike = new ArrayRealVector(points.size(), 1.0 / points.size());
    RealVector[] centres = new RealVector[k];
    centres[0] = points.get(random.choice(alike.toArray()));
    double[] closest = distances(points, centres[0]);
    for (int c = 1; c < k; c++) {
      double[] before = closest;
      double lowest = Double.POSITIVE_INFINITY;
      for (int drawn = 0; drawn < candidates; drawn++) {
        RealVector candidate = points.get(random.choice(before));
        double[] after = distances(points, candidate);
        Arrays.setAll(after, i -> Math.min(before[i], after[i]));
        double potential = Arrays.stream(after).sum();
        if (potential < lowest * (1 - TIE)) {
          lowest = potential;
          closest = after;
          centres[c] = candidate;
        }
      }
    }
    return List.of(centres);
  }

  /** Lloyd's iterations, until no point changes its cluster or the centres are at rest. */
  private static Run run(Points centred, List<RealVector> start) {
    List<RealVector> points = centred.all;
    List<RealVector> centres = start;
    int[] labels = {};
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
      int[] before = labels;
      labels = nearest(points, centres);
      List<RealVector> moved = means(points, labels, centres);
      double movement = 0;
      for (int c = 0; c < moved.size(); c++) {
        movement += squaredDistance(moved.get(c), centres.get(c));
      }
      centres = moved;
      if (Arrays.equals(labels, before)) {
        return Run.of(points, labels, centres);
      }
      if (movement <= centred.atRest) {
        break;
      }
    }
    return Run.of(points, nearest(points, centres), centres);
  }

  private static int[] nearest(List<RealVector> points, List<RealVector> centres) {
    double[] squares = centres.stream().mapToDouble(centre -> centre.dotProduct(centre)).toArray();
    return points.stream()
        .mapToInt(
            point -> {
              int nearest = 0;
              double least = Double.POSITIVE_INFINITY;
              for (int c = 0; c < squares.length; c++) {
                // The point's own square is left out: it is the same for all centres.
                double distance = squares[c] - 2 * point.dotProduct(centres.get(c));
                if (distance < least) {
                  least = distance;
                  nearest = c;
                }
              }
              return nearest;
            })
        .toArray();
  }

  /** The mean of each cluster; to one that is empty goes a point that lies far from its centre. */
  private static List<RealVector> means(
      List<RealVector> points, int[] labels, List<RealVector> centres) {
    int[] members = labels.clone();
    double[] distances = distances(points, labels, centres);
    int[] empty =
        IntStream.range(0, centres.size())
            .filter(c -> Arrays.stream(labels).noneMatch(label -> label == c))
            .toArray();
    List<Integer> farthest =
        IntStream.range(0, distances.length)
            .boxed()
            .filter(i -> distances[i] > 0)
            .sorted(Comparator.comparingDouble(i -> -distances[i]))
            .limit(empty.length)
            .toList();
    for (int e = 0; e < farthest.size(); e++) {
      members[farthest.get(e)] = empty[e];
    }
    RealVector[] means = new RealVector[centres.size()];
    int[] sizes = new int[means.length];
    Arrays.setAll(means, c -> new ArrayRealVector(points.get(0).getDimension()));
    for (int i = 0; i < members.length; i++) {
      sizes[members[i]]++;
      means[members[i]].combineToSelf(1, 1, points.get(i));
    }
    int largest =
        IntStream.range(0, sizes.length).reduce((a, b) -> sizes[b] > sizes[a] ? b : a).getAsInt();
    for (int c = 0; c < means.length; c++) {
      means[c] = sizes[c] == 0 ? means[largest] : means[c].mapMultiply(1.0 / sizes[c]);
    }
    return List.of(means);
  }

  /** From each point to its centre, squared. */
  private static double[] distances(
      List<RealVector> points, int[] labels, List<RealVector> centres) {
    return IntStream.range(0, labels.length)
        .mapToDouble(i -> squaredDistance(points.get(i), centres.get(labels[i])))
        .toArray();
  }

  private static double[] distances(List<RealVector> points, RealVector centre) {
    return points.stream().mapToDouble(point -> squaredDistance(point, centre)).toArray();
  }

  private static double squaredDistance(RealVector a, RealVector b) {
    RealVector difference = a.subtract(b);
    return difference.dotProduct(difference);
  }
}
