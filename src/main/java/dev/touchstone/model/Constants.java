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
 * @param future [context, context], negative infinity where the key stands after the query, else 0
 * @param scale 1 / sqrt(d_head)
 */
record Constants(NDArray future, NDArray scale) {
  /** Constants of a model, in its manager. */
  static Constants of(NDManager manager, int context, int headWidth) {
    float[] future = new float[context * context];
    for (int query = 0; query < context; query++) {
      Arrays.fill(
          future, query * context + query + 1, (query + 1) * context, Float.NEGATIVE_INFINITY);
    }
    return new Constants(
        array(manager, future, context, context), scalar(manager, 1 / Math.sqrt(headWidth)));
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
    return scores.addi(future.get(past + ":" + keys + ", 0:" + keys));
  }
}
