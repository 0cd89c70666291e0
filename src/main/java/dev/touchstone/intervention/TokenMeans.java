package dev.touchstone.intervention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.model.TokenIds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The mean z of every head over all positions of a text where the same token stands.
 *
 * @param tokens those that the text has, ascending
 * @param byLayer for each layer [token x head x d_head], in their order
 * @param overall the means over all positions, for tokens that the text has not
 */
public record TokenMeans(int[] tokens, List<float[]> byLayer, HeadMeans overall)
    implements Material {
  public TokenMeans {
    tokens = tokens.clone();
    byLayer = List.copyOf(byLayer);
  }

  /** What stands for the heads' outputs on some sequences; it lives as long as {@code manager}. */
  HeadOutputs over(List<int[]> sequences, NDManager manager) {
    int length = TokenIds.length(sequences);
    List<NDArray> outputs = new ArrayList<>();
    for (int layer = 0; layer < byLayer.size(); layer++) {
      float[] unknown = overall.byLayer().get(layer);
      int width = unknown.length;
      float[] rows = new float[sequences.size() * length * width];
      int to = 0;
      for (int[] sequence : sequences) {
        for (int token : sequence) {
          int known = Arrays.binarySearch(tokens, token);
          System.arraycopy(
              known < 0 ? unknown : byLayer.get(layer),
              Math.max(0, known) * width,
              rows,
              to,
              width);
          to += width;
        }
      }
      Shape shape = new Shape(sequences.size(), length, overall.heads(), width / overall.heads());
      outputs.add(manager.create(rows, shape));
    }
    return new HeadOutputs(outputs);
  }

  @Override
  public String fingerprint() {
    List<float[]> all = new ArrayList<>(byLayer);
    all.addAll(overall.byLayer());
    float[] ids = new float[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      ids[i] = tokens[i];
    }
    all.add(ids);
    return Fingerprint.of(all);
  }

  @Override
  public long bytes() {
    return (long) Integer.BYTES * tokens.length + Fingerprint.bytes(byLayer) + overall.bytes();
  }
}
