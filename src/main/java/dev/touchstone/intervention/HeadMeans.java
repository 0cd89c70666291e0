package dev.touchstone.intervention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;

/**
 * The mean z of every head over a text.
 *
 * @param heads heads in a layer
 * @param byLayer for each layer [head x d_head], float32 from float64 sums
 */
public record HeadMeans(int heads, List<float[]> byLayer) implements Material {
  public HeadMeans {
    byLayer = List.copyOf(byLayer);
  }

  /** [head, d_head]. */
  NDArray layer(NDManager manager, int layer) {
    float[] means = byLayer.get(layer);
    return manager.create(means, new Shape(heads, means.length / heads));
  }

  @Override
  public String fingerprint() {
    return Fingerprint.of(byLayer);
  }

  @Override
  public long bytes() {
    return Fingerprint.bytes(byLayer);
  }
}
