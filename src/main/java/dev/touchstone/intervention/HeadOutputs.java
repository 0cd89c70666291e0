package dev.touchstone.intervention;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * An output of every head at every position of some sequences.
 *
 * @param byLayer [sequence, position, head, d_head] for each layer
 */
public record HeadOutputs(List<NDArray> byLayer) implements Material {
  public HeadOutputs {
    byLayer = List.copyOf(byLayer);
  }

  @Override
  public String fingerprint() {
    return Fingerprint.of(byLayer.stream().map(NDArray::toFloatArray).toList());
  }

  @Override
  public long bytes() {
    return byLayer.stream().mapToLong(layer -> Float.BYTES * layer.size()).sum();
  }
}
