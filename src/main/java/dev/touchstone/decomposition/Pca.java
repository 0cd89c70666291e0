package dev.touchstone.decomposition;

import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.BlockRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * Mean-centred principal component analysis in float64.
 *
 * @param mean [p], the rows' mean
 * @param components orthonormal, the one of largest variance first; each has its entry of largest
 *     magnitude positive, so that the sign does not hang on the solver; zeros where there is no
 *     variance
 * @param variances along the components (divisor n - 1), descending
 * @see <a href="https://doi.org/10.1098/rsta.2015.0202">Jolliffe and Cadima 2016</a>
 */
public record Pca(double[] mean, double[][] components, double[] variances) {
  private static final double NULL = 1e-13;

  /**
   * The components of some rows, as many as the smaller of their number and their length, by the
   * eigenvectors of the smaller of the Gram and the covariance matrix.
   *
   * @param rows [n][p], at least two
   */
  public static Pca of(double[][] rows) {
    int n = rows.length;
    int p = rows[0].length;
    double[] mean = new double[p];
    for (double[] row : rows) {
      for (int i = 0; i < p; i++) {
        mean[i] += row[i] / n;
      }
    }
    double[][] centred = new double[n][p];
    for (int r = 0; r < n; r++) {
      for (int i = 0; i < p; i++) {
        centred[r][i] = rows[r][i] - mean[i];
      }
    }
    RealMatrix matrix = new BlockRealMatrix(centred);
    boolean gram = n <= p;
    RealMatrix product =
        gram ? matrix.multiply(matrix.transpose()) : matrix.transpose().multiply(matrix);
    EigenDecomposition eigen = new EigenDecomposition(symmetric(product));
    int count = Math.min(n, p);
    double[] variances = new double[count];
    double[][] components = new double[count][];
    int[] order =
        IntStream.range(0, count)
            .boxed()
            .sorted(
                (a, b) -> Double.compare(eigen.getRealEigenvalue(b), eigen.getRealEigenvalue(a)))
            .mapToInt(Integer::intValue)
            .toArray();
    for (int k = 0; k < count; k++) {
      // Rounding leaves null directions a hair below zero.
      variances[k] = Math.max(0, eigen.getRealEigenvalue(order[k])) / (n - 1);
      double[] vector = eigen.getEigenvector(order[k]).toArray();
      // Along a null direction the Gram matrix gives nothing but rounding, which is no component.
      boolean nothing = gram && variances[k] <= NULL * variances[0];
      components[k] = nothing ? new double[p] : stable(gram ? matrix.preMultiply(vector) : vector);
    }
    return new Pca(mean, components, variances);
  }

  /** The solver insists on symmetry to the last bit, which a product does not promise. */
  private static RealMatrix symmetric(RealMatrix product) {
    double[][] values = product.getData();
    for (int i = 0; i < values.length; i++) {
      for (int j = 0; j < i; j++) {
        values[i][j] = values[j][i];
      }
    }
    return new Array2DRowRealMatrix(values, false);
  }

  private static double[] stable(double[] vector) {
    double norm = 0;
    double extreme = 0;
    for (double value : vector) {
      norm += value * value;
      if (Math.abs(value) > Math.abs(extreme)) {
        extreme = value;
      }
    }
    double scale = Math.signum(extreme) / Math.sqrt(norm);
    double[] unit = new double[vector.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = vector[i] * scale;
    }
    return unit;
  }

  /** The share of the whole variance that component {@code k}, counted from 1, holds. */
  public double share(int k) {
    return variances[k - 1] / total();
  }

  /** The share that the first {@code k} components hold together; 0 for none. */
  public double cumulativeShare(int k) {
    double sum = 0;
    for (int i = 0; i < k; i++) {
      sum += variances[i];
    }
    return sum / total();
  }

  /** The first number of components whose cumulative share reaches {@code share}. */
  public int componentsFor(double share) {
    double total = total();
    double sum = 0;
    for (int k = 1; k <= variances.length; k++) {
      sum += variances[k - 1];
      if (sum / total >= share) {
        return k;
      }
    }
    return variances.length;
  }

  private double total() {
    double total = 0;
    for (double variance : variances) {
      total += variance;
    }
    return total;
  }

  /** The coefficients of a row on the first {@code k} components. */
  public double[] coefficients(double[] row, int k) {
    double[] coefficients = new double[k];
    for (int c = 0; c < k; c++) {
      for (int i = 0; i < row.length; i++) {
        coefficients[c] += (row[i] - mean[i]) * components[c][i];
      }
    }
    return coefficients;
  }

  /** The row as the mean and the first {@code k} components give it. */
  public double[] reconstruction(double[] row, int k) {
    double[] coefficients = coefficients(row, k);
    double[] reconstruction = mean.clone();
    for (int c = 0; c < k; c++) {
      for (int i = 0; i < row.length; i++) {
        reconstruction[i] += coefficients[c] * components[c][i];
      }
    }
    return reconstruction;
  }
}
