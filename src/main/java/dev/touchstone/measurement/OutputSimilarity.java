package dev.touchstone.measurement;

import ai.djl.ndarray.NDArray;
import dev.touchstone.tensor.Scope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How much of what each layer's attention writes is left, at each position: two metrics of the mean
 * over the batch (docs/protocol.md, "Metrics"). Where nothing changed both are 1.
 *
 * @param innerProducts by layer, a.b / b.b for the baseline's b and what became of it
 * @param cosines by layer, a.b / (|a| |b|)
 */
public record OutputSimilarity(
    Map<Integer, List<Double>> innerProducts, Map<Integer, List<Double>> cosines) {
  /** What a divisor is at least. */
  private static final double LEAST = 1e-8;

  /**
   * Of a baseline and an ablated pass.
   *
   * @param baseline what attention writes by layer, [position, d_model]
   * @param ablated the same, of the same shapes
   */
  static OutputSimilarity between(Map<Integer, NDArray> baseline, Map<Integer, NDArray> ablated) {
    Map<Integer, List<Double>> products = new LinkedHashMap<>();
    Map<Integer, List<Double>> cosines = new LinkedHashMap<>();
    baseline.forEach(
        (layer, before) -> {
          NDArray after = ablated.get(layer);
          float[] both = sums(before, after);
          float[] own = sums(before, before);
          float[] others = sums(after, after);
          List<Double> product = new ArrayList<>();
          List<Double> cosine = new ArrayList<>();
          for (int i = 0; i < both.length; i++) {
            product.add(both[i] / Math.max(own[i], LEAST));
            cosine.add(both[i] / Math.max(Math.sqrt(own[i]) * Math.sqrt(others[i]), LEAST));
          }
          products.put(layer, List.copyOf(product));
          cosines.put(layer, List.copyOf(cosine));
        });
    return new OutputSimilarity(products, cosines);
  }

  private static float[] sums(NDArray one, NDArray other) {
    return Scope.measure(() -> one.mul(other).sum(new int[] {-1}).toFloatArray());
  }
}
