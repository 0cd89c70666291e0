package dev.touchstone.suite.experiment.exp10d;

import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.SingularValueDecomposition;

/**
 * Whether weights of queries and keys are products of feature maps, w(q, k) = phi(q).psi(k), which
 * is what attention in linear time takes: a matrix of such weights has no higher rank than phi has
 * features.
 *
 * @param weights of some queries (rows) on some keys (columns)
 */
record FeatureMaps(RealMatrix weights) {
  /**
   * Weights that depend on the score alone, for queries and keys on the same n places of the unit
   * circle, evenly spread: at width 2, w(cos(2 pi (i - j) / n)).
   */
  public static FeatureMaps onCircle(int n, DoubleUnaryOperator ofScore) {
    RealMatrix weights = new Array2DRowRealMatrix(n, n);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        weights.setEntry(i, j, ofScore.applyAsDouble(Math.cos(2 * Math.PI * (i - j) / n)));
      }
    }
    return new FeatureMaps(weights);
  }

  /** How many features phi and psi need at least: the rank. */
  public int features() {
    return new SingularValueDecomposition(weights).getRank();
  }

  /**
   * How many features are enough for a relative error in Frobenius norm (Eckart and Young 1936).
   */
  public int features(double error) {
    double[] singular = new SingularValueDecomposition(weights).getSingularValues();
    double left = DoubleStream.of(singular).map(value -> value * value).sum();
    double allowed = error * error * left;
    int features = 0;
    while (features < singular.length && left > allowed) {
      left -= singular[features] * singular[features];
      features++;
    }
    return features;
  }

  /**
   * The least eigenvalue of weights that are symmetric: below 0, no phi = psi gives them, however
   * many features it has (Mercer).
   */
  public double leastEigenvalue() {
    return DoubleStream.of(new EigenDecomposition(weights).getRealEigenvalues())
        .min()
        .orElseThrow();
  }
}
