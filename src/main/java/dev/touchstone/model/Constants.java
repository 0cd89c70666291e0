package dev.touchstone.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/**
 * The causal mask and the scale of scores. Autograd keeps operands for the backward pass and Java
 * frees a scalar's buffer before it, so what a pass multiplies with is an array that lives as long
 * as the model.
 *
 * @param future [position, position], negative infinity where the key stands after the query, else
 *     0
 * @param scale 1 / sqrt(d_head)
 */
record Constants(Lengthening future, NDArray scale) {
  /** The most positions whose square an array of Java's can hold. */
  private static final int LONGEST = 46_340;

  /** Constants of a model, in its manager. */
  static Constants of(NDManager manager, int context, int headWidth) {
    return new Constants(
        new Lengthening(manager, Math.min(context, LONGEST), length -> future(manager, length)),
        scalar(manager, 1 / Math.sqrt(headWidth)));
  }

  private static NDArray future(NDManager manager, int length) {
    if (length > LONGEST) {
      throw new IllegalArgumentException(
          "scores of a sequence of %d tokens are too many to look at; give it at most %d"
              .formatted(length, LONGEST));
    }
    float[] future = new float[length * length];
    for (int query = 0; query < length; query++) {
      Arrays.fill(
          future, query * length + query + 1, (query + 1) * length, Float.NEGATIVE_INFINITY);
    }
    return array(manager, future, length, length);
  }

  static NDArray scalar(NDManager manager, double value) {
    return array(manager, new float[] {(float) value}, 1);
  }

  static NDArray array(NDManager manager, float[] values, long... shape) {
    // A created array borrows Java's memory, which a view of it would outlive.
    try (NDArray borrowed = manager.create(values, new Shape(shape))) {
      return borrowed.duplicate();
    }
  }

  /** Masks scores [batch, head, query, key] whose last query stands at the last key. */
  NDArray hideFuture(NDArray scores) {
    long keys = scores.getShape().get(3);
    long past = keys - scores.getShape().get(2);
    return scores.addi(future.to(keys).get(past + ":" + keys + ", 0:" + keys));
  }
}
