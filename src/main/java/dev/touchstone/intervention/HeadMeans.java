package dev.touchstone.intervention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.model.Head;
import java.util.List;

/**
 * The mean z of every head over a text, or another constant for each.
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

  /** These, with some heads' from others. */
  public HeadMeans with(HeadSet some, HeadMeans others) {
    List<float[]> mixed = byLayer.stream().map(float[]::clone).toList();
    for (Head head : some.heads()) {
      int width = mixed.get(head.layer()).length / heads;
      int from = head.index() * width;
      System.arraycopy(
          others.byLayer.get(head.layer()), from, mixed.get(head.layer()), from, width);
    }
    return new HeadMeans(heads, mixed);
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
