package dev.touchstone.intervention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A mean write and orthonormal directions for every layer, the strongest direction first.
 *
 * @param means for each layer [d_model]
 * @param directions for each layer [component x d_model], row by row
 */
public record WriteBasis(List<float[]> means, List<float[]> directions) implements Material {
  public WriteBasis {
    means = List.copyOf(means);
    directions = List.copyOf(directions);
  }

  NDArray mean(NDManager manager, int layer) {
    return manager.create(means.get(layer));
  }

  /** [components, d_model]. */
  NDArray directions(NDManager manager, int layer, int components) {
    int width = means.get(layer).length;
    float[] all = directions.get(layer);
    if (components * width > all.length) {
      throw new IllegalArgumentException(
          "the basis has " + all.length / width + " components, not " + components);
    }
    return manager.create(Arrays.copyOf(all, components * width), new Shape(components, width));
  }

  @Override
  public String fingerprint() {
    List<float[]> all = new ArrayList<>(means);
    all.addAll(directions);
    return Fingerprint.of(all);
  }

  @Override
  public long bytes() {
    return Fingerprint.bytes(means) + Fingerprint.bytes(directions);
  }
}
