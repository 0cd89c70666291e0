package dev.touchstone.decomposition;

import ai.djl.ndarray.NDArray;
import dev.touchstone.model.Head;
import dev.touchstone.model.Weights;
import dev.touchstone.tensor.Scope;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.DecompositionSolver;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * A head's query-key circuit W_QK = W_Q^T W_K, biases left out (docs/protocol.md, section 6), in
 * float64.
 *
 * @param query W_Q, [d_model, d_head]
 * @param key W_K, [d_model, d_head]
 */
public record QueryKeyCircuit(RealMatrix query, RealMatrix key) {
  /** The circuit of a head, whose weights must be there. */
  public static QueryKeyCircuit of(Weights weights, Head head) {
    return new QueryKeyCircuit(matrix(weights.query(head)), matrix(weights.key(head)));
  }

  private static RealMatrix matrix(NDArray array) {
    return Scope.measure(
        () -> {
          int rows = (int) array.getShape().get(0);
          int columns = (int) array.getShape().get(1);
          float[] values = array.toFloatArray();
          double[][] matrix = new double[rows][columns];
          for (int i = 0; i < values.length; i++) {
            matrix[i / columns][i % columns] = values[i];
          }
          return new Array2DRowRealMatrix(matrix, false);
        });
  }

  /** W_QK, [d_head, d_head]. */
  public RealMatrix circuit() {
    return query.transpose().multiply(key);
  }

  /** W_QK row by row, [d_head x d_head]. */
  public double[] flat() {
    RealMatrix circuit = circuit();
    int width = circuit.getColumnDimension();
    double[] flat = new double[width * width];
    for (int row = 0; row < width; row++) {
      System.arraycopy(circuit.getRow(row), 0, flat, row * width, width);
    }
    return flat;
  }

  /** A flattened circuit as a matrix. */
  public static RealMatrix square(double[] flat) {
    int width = (int) Math.round(Math.sqrt(flat.length));
    double[][] rows = new double[width][width];
    for (int row = 0; row < width; row++) {
      System.arraycopy(flat, row * width, rows[row], 0, width);
    }
    return new Array2DRowRealMatrix(rows, false);
  }

  /**
   * What must be added to W_Q for the circuit to become {@code wanted}: W_K (W_K^T W_K)^-1 (wanted
   * - W_QK)^T. It changes nothing outside W_K's column space.
   *
   * @return [d_model, d_head]
   */
  public RealMatrix injection(RealMatrix wanted) {
    return key.multiply(keyGram().solve(wanted.subtract(circuit()).transpose()));
  }

  /** W_Q made from the wanted circuit alone: W_K (W_K^T W_K)^-1 wanted^T. */
  public RealMatrix pseudoInverseQuery(RealMatrix wanted) {
    return key.multiply(keyGram().solve(wanted.transpose()));
  }

  private DecompositionSolver keyGram() {
    RealMatrix gram = key.transpose().multiply(key);
    // Rounding leaves the product a last bit away from symmetric.
    RealMatrix symmetric = gram.add(gram.transpose()).scalarMultiply(0.5);
    return new CholeskyDecomposition(symmetric, 1e-12, 0).getSolver();
  }
}
