package dev.touchstone.intervention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * The mean attention pattern of every head over sequences of one length.
 *
 * @param positions their length
 * @param byLayer for each layer [head x query x key]
 */
public record MeanPatterns(int positions, List<float[]> byLayer) implements Material {
  public MeanPatterns {
    byLayer = List.copyOf(byLayer);
  }

  /**
   * [query, key], of the last queries of a sequence.
   *
   * @throws IllegalArgumentException when the sequence is longer than those averaged over
   */
  NDArray of(NDManager manager, int layer, int head, long queries, long keys) {
    if (keys > positions) {
      throw new IllegalArgumentException(
          "patterns were averaged over sequences of %d tokens, and one of %d is longer"
              .formatted(positions, keys));
    }
    int size = positions * positions;
    float[] pattern = Arrays.copyOfRange(byLayer.get(layer), head * size, (head + 1) * size);
    return manager
        .create(pattern, new Shape(positions, positions))
        .get((keys - queries) + ":" + keys + ", 0:" + keys);
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
