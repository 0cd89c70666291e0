package dev.touchstone.intervention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;

/**
 * What is added to W_Q of every head.
 *
 * @param heads heads in a layer
 * @param byHead for each head, by layer and index, [d_model x d_head], row by row
 * @param headWidth d_head
 */
public record QueryChange(int heads, int headWidth, List<float[]> byHead) implements Material {
  public QueryChange {
    byHead = List.copyOf(byHead);
  }

  /** [d_model, d_head]. */
  NDArray head(NDManager manager, int layer, int head) {
    float[] change = byHead.get(layer * heads + head);
    return manager.create(change, new Shape(change.length / headWidth, headWidth));
  }

  @Override
  public String fingerprint() {
    return Fingerprint.of(byHead);
  }

  @Override
  public long bytes() {
    return Fingerprint.bytes(byHead);
  }
}
