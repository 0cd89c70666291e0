package dev.touchstone.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.tensor.Fused;
import dev.touchstone.tensor.Scope;
import java.util.Arrays;

/**
 * W_U and b_U as passes multiply with them, the largest product of a pass. Matrix libraries like
 * multiples of 64 columns and the columns one after the other in memory; the columns added to the
 * vocabulary weigh nothing and have negative infinity for a bias, so they win no probability.
 *
 * @param weight [d_model, padded vocabulary], a view
 * @param bias [padded vocabulary]
 */
record Unembedding(NDArray weight, NDArray bias, int vocabulary) {
  private static final int MULTIPLE = 64;

  /** Logits held at once, as numbers: 64 MB of float32. */
  private static final int LOGITS_AT_ONCE = 1 << 24;

  /** As weights hold it, tied to the embedding or not. */
  static Unembedding asHeld(Weights weights) {
    NDArray weight =
        weights.tied()
            ? weights.get("wte.weight").transpose()
            : weights.get(Weights.UNEMBED + ".weight");
    NDArray bias =
        weights.tied()
            ? weight.getManager().zeros(new Shape(weights.config().vocabulary()))
            : weights.get(Weights.UNEMBED + ".bias");
    return new Unembedding(weight, bias, weights.config().vocabulary());
  }

  /** Lays untied weights out anew, in a manager. */
  static Unembedding of(Weights weights, NDManager manager) {
    Unembedding held = asHeld(weights);
    NDArray weight = held.weight;
    int vocabulary = held.vocabulary;
    int added = Math.floorMod(-vocabulary, MULTIPLE);
    NDArray columns =
        Scope.compute(
            () ->
                Weights.contiguous(weight.transpose())
                    .concat(manager.zeros(new Shape(added, weight.getShape().get(0)))));
    float[] hidden = new float[added];
    Arrays.fill(hidden, Float.NEGATIVE_INFINITY);
    NDArray biases = Scope.compute(() -> held.bias.concat(manager.create(hidden)));
    return new Unembedding(
        Scope.keep(columns, manager).transpose(), Scope.keep(biases, manager), vocabulary);
  }

  /** W_U as weights hold it, [d_model, vocabulary]; a view. */
  NDArray unpadded() {
    return weight.get(":, 0:" + vocabulary);
  }

  /** [..., d_model] to [..., vocabulary]. */
  NDArray logits(NDArray normed) {
    return Scope.compute(
        () -> {
          NDArray logits = normed.matMul(weight).addi(bias);
          // DJL's duplicate would cut off the gradient.
          return bias.size() == vocabulary
              ? logits
              : Weights.contiguous(logits.get("..., 0:" + vocabulary));
        });
  }

  /**
   * -log p of a token at each row, without ever holding all logits.
   *
   * @param normed [row, d_model]
   * @param tokens [row, 1], int64
   */
  float[] losses(NDArray normed, NDArray tokens) {
    int padded = (int) bias.size();
    int rows = (int) normed.getShape().get(0);
    int blocks = Math.max(1, (int) Math.ceil((double) rows * padded / LOGITS_AT_ONCE));
    int block = (rows + blocks - 1) / blocks;
    float[] losses = new float[rows];
    Scope.measure(
        () -> {
          NDArray logits = normed.getManager().create(new Shape(block, padded));
          for (int from = 0; from < rows; from += block) {
            String range = from + ":" + Math.min(rows, from + block);
            NDArray part =
                Scope.compute(
                    () -> {
                      NDArray some = normed.get(range);
                      NDArray into = logits.get("0:" + some.getShape().get(0));
                      return Fused.logSoftmax(Fused.linear(some, weight, bias, into))
                          .gather(tokens.get(range), 1)
                          .neg();
                    });
            float[] values = part.toFloatArray();
            System.arraycopy(values, 0, losses, from, values.length);
          }
          return losses;
        });
    return losses;
  }
}
