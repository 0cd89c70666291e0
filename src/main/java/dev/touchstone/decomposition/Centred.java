package dev.touchstone.decomposition;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.ojalgo.matrix.decomposition.Eigenvalue;
import org.ojalgo.matrix.store.MatrixStore;
import org.ojalgo.matrix.store.R064Store;

/**
 * Rows less their mean, in float64 on the CPU, whatever computes the model: not every device has
 * float64.
 *
 * @param mean [p]
 * @param count n
 * @param values [n x p], row by row
 */
record Centred(double[] mean, int count, double[] values) {
  /** Along components of a smaller share the Gram matrix gives nothing but rounding. */
  private static final double NULL = 1e-13;

  static Centred of(double[][] rows) {
    double[] mean = new double[rows[0].length];
    for (double[] row : rows) {
      for (int i = 0; i < mean.length; i++) {
        mean[i] += row[i] / rows.length;
      }
    }
    double[] values = new double[rows.length * mean.length];
    for (int r = 0; r < rows.length; r++) {
      for (int i = 0; i < mean.length; i++) {
        values[r * mean.length + i] = rows[r][i] - mean[i];
      }
    }
    return new Centred(mean, rows.length, values);
  }

  /** Whether the Gram matrix of the rows is the smaller one, not the covariance matrix. */
  boolean wide() {
    return count <= mean.length;
  }

  Spectrum spectrum() {
    Eigenvalue<Double> eigen = Eigenvalue.R064.make(smaller(), true);
    eigen.computeValuesOnly(product());
    return spectrum(eigen);
  }

  Pca pca() {
    Eigenvalue<Double> eigen = Eigenvalue.R064.make(smaller(), true);
    eigen.decompose(product());
    Spectrum spectrum = spectrum(eigen);
    return new Pca(mean, components(eigen.getV().transpose().toRawCopy2D(), spectrum), spectrum);
  }

  private int smaller() {
    return Math.min(count, mean.length);
  }

  /** Of the two products of the matrix with its transpose the smaller one. */
  private MatrixStore<Double> product() {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      NDArray matrix = matrix(manager);
      NDArray product =
          wide() ? matrix.matMul(matrix.transpose()) : matrix.transpose().matMul(matrix);
      return R064Store.wrap(product.toDoubleArray(), smaller());
    }
  }

  private NDArray matrix(NDManager manager) {
    return manager.create(values, new Shape(count, mean.length));
  }

  private Spectrum spectrum(Eigenvalue<Double> eigen) {
    double[] variances = new double[smaller()];
    for (int k = 0; k < variances.length; k++) {
      // Rounding leaves null directions a hair below zero.
      variances[k] = Math.max(0, eigen.getD().doubleValue(k, k)) / (count - 1);
    }
    return new Spectrum(variances);
  }

  private double[][] components(double[][] vectors, Spectrum spectrum) {
    double[][] components = new double[vectors.length][];
    for (int k = 0; k < vectors.length; k++) {
      double[] component = wide() ? combined(vectors[k], spectrum.share(k + 1)) : vectors[k];
      components[k] = unit(component);
    }
    return components;
  }

  /** The rows added up by weights; zeros where the weights are nothing but rounding. */
  private double[] combined(double[] weights, double share) {
    double[] sum = new double[mean.length];
    if (share > NULL) {
      for (int r = 0; r < count; r++) {
        for (int i = 0; i < mean.length; i++) {
          sum[i] += weights[r] * values[r * mean.length + i];
        }
      }
    }
    return sum;
  }

  /** Of length 1, its entry of largest magnitude positive; zeros stay zeros. */
  private static double[] unit(double[] vector) {
    double norm = 0;
    double extreme = 0;
    for (double value : vector) {
      norm += value * value;
      if (Math.abs(value) > Math.abs(extreme)) {
        extreme = value;
      }
    }
    double scale = norm == 0 ? 0 : Math.signum(extreme) / Math.sqrt(norm);
    return Arrays.stream(vector).map(value -> value * scale).toArray();
  }
}
