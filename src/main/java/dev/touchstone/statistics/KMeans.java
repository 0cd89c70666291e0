package dev.touchstone.statistics;

import java.nio.DoubleBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.util.MathArrays;

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
  private record Points(double[][] all, double[] mean, double atRest) {
    static Points of(double[][] points) {
      double[] mean = new double[points[0].length];
      for (double[] point : points) {
        add(point, mean);
      }
      Arrays.setAll(mean, i -> mean[i] / points.length);
      double[][] all = shifted(points, mean);
      double squares = Arrays.stream(all).mapToDouble(point -> dot(point, point)).sum();
      return new Points(all, mean, AT_REST * squares / points.length / mean.length);
    }

    double[][] shifted(double[][] points) {
      return shifted(points, mean);
    }

    private static double[][] shifted(double[][] points, double[] mean) {
      return Arrays.stream(points)
          .map(point -> MathArrays.ebeSubtract(point, mean))
          .toArray(double[][]::new);
    }

    KMeans uncentred(Run run) {
      return new KMeans(
          Arrays.stream(run.labels).boxed().toList(),
          Arrays.stream(run.centres)
              .map(centre -> MathArrays.ebeAdd(centre, mean))
              .toArray(double[][]::new),
          run.inertia);
    }
  }

  private record Run(int[] labels, double[][] centres, double inertia) {
    static Run of(double[][] points, int[] labels, double[][] centres) {
      return new Run(labels, centres, Arrays.stream(distances(points, labels, centres)).sum());
    }

    /** Whether the clusters are the other's under other numbers, or lie in them. */
    boolean groupsAs(Run other) {
      Integer[] counterpart = new Integer[centres.length];
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
    if (Arrays.stream(centred.all).map(DoubleBuffer::wrap).distinct().count() < k) {
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
  private static double[][] start(double[][] points, int k, NumpyRandom random) {
    int candidates = 2 + (int) Math.log(k);
    double[] alike = new double[points.length];
    Arrays.fill(alike, 1.0 / points.length);
    double[][] centres = new double[k][];
    centres[0] = points[random.choice(alike)];
    double[] closest = distances(points, centres[0]);
    for (int c = 1; c < k; c++) {
      double[] before = closest;
      double lowest = Double.POSITIVE_INFINITY;
      for (int drawn = 0; drawn < candidates; drawn++) {
        double[] candidate = points[random.choice(before)];
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
    return centres;
  }

  /** Lloyd's iterations, until no point changes its cluster or the centres are at rest. */
  private static Run run(Points centred, double[][] start) {
    double[][] points = centred.all;
    double[][] centres = start;
    int[] labels = {};
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
      int[] before = labels;
      labels = nearest(points, centres);
      double[][] moved = means(points, labels, centres);
      double movement = 0;
      for (int c = 0; c < moved.length; c++) {
        movement += squaredDistance(moved[c], centres[c]);
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

  private static int[] nearest(double[][] points, double[][] centres) {
    double[] squares = Arrays.stream(centres).mapToDouble(centre -> dot(centre, centre)).toArray();
    int[] labels = new int[points.length];
    for (int i = 0; i < labels.length; i++) {
      double least = Double.POSITIVE_INFINITY;
      for (int c = 0; c < squares.length; c++) {
        // The point's own square is left out: it is the same for all centres.
        double distance = squares[c] - 2 * dot(points[i], centres[c]);
        if (distance < least) {
          least = distance;
          labels[i] = c;
        }
      }
    }
    return labels;
  }

  /** The mean of each cluster; to one that is empty goes a point that lies far from its centre. */
  private static double[][] means(double[][] points, int[] labels, double[][] centres) {
    int[] members = labels.clone();
    int[] empty =
        IntStream.range(0, centres.length)
            .filter(c -> Arrays.stream(labels).noneMatch(label -> label == c))
            .toArray();
    if (empty.length > 0) {
      double[] distances = distances(points, labels, centres);
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
    }
    double[][] means = new double[centres.length][points[0].length];
    int[] sizes = new int[means.length];
    for (int i = 0; i < members.length; i++) {
      sizes[members[i]]++;
      add(points[i], means[members[i]]);
    }
    int largest =
        IntStream.range(0, sizes.length).reduce((a, b) -> sizes[b] > sizes[a] ? b : a).getAsInt();
    for (int c = 0; c < means.length; c++) {
      means[c] = sizes[c] == 0 ? means[largest] : MathArrays.scale(1.0 / sizes[c], means[c]);
    }
    return means;
  }

  /** From each point to its centre, squared. */
  private static double[] distances(double[][] points, int[] labels, double[][] centres) {
    return IntStream.range(0, labels.length)
        .mapToDouble(i -> squaredDistance(points[i], centres[labels[i]]))
        .toArray();
  }

  private static double[] distances(double[][] points, double[] centre) {
    return Arrays.stream(points).mapToDouble(point -> squaredDistance(point, centre)).toArray();
  }

  private static double squaredDistance(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return sum;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static void add(double[] point, double[] sum) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += point[i];
    }
  }
}
