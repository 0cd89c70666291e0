package dev.touchstone.suite.experiment.exp06;

import dev.touchstone.decomposition.Pca;
import dev.touchstone.decomposition.QueryKeyCircuit;
import dev.touchstone.model.Gpt2Config;
import dev.touchstone.model.Head;
import dev.touchstone.model.Weights;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * The query-key circuits of all heads in their order.
 *
 * @param flat [head][d_head x d_head], each W_QK row by row
 */
record HeadCircuits(
    Gpt2Config config, List<Head> heads, List<QueryKeyCircuit> byHead, double[][] flat) {

  static HeadCircuits of(Weights weights) {
    Gpt2Config config = weights.config();
    List<Head> heads = Head.all(config.layers(), config.heads());
    List<QueryKeyCircuit> byHead =
        heads.stream().map(head -> QueryKeyCircuit.of(weights, head)).toList();
    double[][] flat = byHead.stream().map(QueryKeyCircuit::flat).toArray(double[][]::new);
    return new HeadCircuits(config, heads, byHead, flat);
  }

  /** Every W_QK divided by its Frobenius norm, [head][d_head x d_head]. */
  double[][] ofUnitNorm() {
    return Arrays.stream(flat)
        .map(row -> new ArrayRealVector(row, false).unitVector().toArray())
        .toArray(double[][]::new);
  }

  /** The coefficients of every W_QK on the first {@code k} components, [head][k]. */
  double[][] coefficients(Pca pca, int k) {
    return Arrays.stream(flat).map(row -> pca.coefficients(row, k)).toArray(double[][]::new);
  }

  /** The W_QK of a head as the first {@code k} components give it. */
  RealMatrix reconstruction(Pca pca, int head, int k) {
    return QueryKeyCircuit.square(pca.reconstruction(flat[head], k));
  }
}
