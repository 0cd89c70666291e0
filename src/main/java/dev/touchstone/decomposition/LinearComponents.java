package dev.touchstone.decomposition;

import ai.djl.ndarray.NDArray;

/**
 * A linear map as a sum of rank-one components: component c reads along a column of V and writes a
 * row of U.
 *
 * @param v [d_in, C]
 * @param u [C, d_out]
 */
public record LinearComponents(NDArray v, NDArray u) {
  /** The shapes must fit each other. */
  public LinearComponents {
    if (v.getShape().dimension() != 2
        || u.getShape().dimension() != 2
        || v.getShape().get(1) != u.getShape().get(0)) {
      throw new IllegalArgumentException(
          "V of shape %s and U of shape %s are no components: V is [d_in, C], U is [C, d_out]"
              .formatted(v.getShape(), u.getShape()));
    }
  }

  /** C. */
  public int count() {
    return (int) v.getShape().get(1);
  }

  /** What each component reads, x V: [..., d_in] to [..., C]. */
  public NDArray activations(NDArray input) {
    return input.matMul(v);
  }

  /** ((x V) * mask) U: [..., d_in] to [..., d_out], the mask broadcast over [..., C]. */
  public NDArray apply(NDArray input, NDArray mask) {
    return activations(input).mul(mask).matMul(u);
  }

  /** The sum of all components as a weight, (V U)^T, [d_out, d_in]. */
  public NDArray weight() {
    return v.matMul(u).transpose();
  }
}
