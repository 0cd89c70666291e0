package dev.touchstone.suite.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.types.DataType;

/**
 * The two hard sigmoids of causal importance, clamps to [0, 1] that leak gradient where they are
 * flat, so that a component once off or fully on can still learn (docs/protocol.md, "Causal
 * importance"). The lower one's gradient depends on the sign of the incoming one, which no
 * composition of differentiable operations does; so both give it as a function, to be carried
 * backwards by hand.
 */
final class LeakyHardSigmoid {
  /** What leaks. */
  static final float LEAK = 0.01f;

  private LeakyHardSigmoid() {}

  /** clamp(x, 0, 1): a mask's causal importance. */
  static NDArray lower(NDArray x) {
    return x.clip(0f, 1f);
  }

  /**
   * The gradient at x of what follows {@link #lower}: the incoming one between 0 and 1; at 0 and
   * below a hundredth of it where it is negative, so that descent raises x; else 0.
   */
  static NDArray lowerGradient(NDArray x, NDArray incoming) {
    NDArray leaked = incoming.minimum(0f).mul(LEAK);
    NDArray inside = incoming.mul(x.lte(1f).toType(DataType.FLOAT32, false));
    return NDArrays.where(x.lte(0f), leaked, inside);
  }

  /** 0 below 0, x to 1, a slope of a hundredth above: what importance minimality sums. */
  static NDArray upper(NDArray x) {
    return x.clip(0f, 1f).add(x.sub(1f).maximum(0f).mul(LEAK));
  }

  /**
   * The gradient at x of what follows {@link #upper}: the incoming one between 0 and 1, a hundredth
   * of it above; 0 below and exactly at 0 and at 1.
   */
  static NDArray upperGradient(NDArray x, NDArray incoming) {
    NDArray between = x.gt(0f).logicalAnd(x.lt(1f));
    NDArray inside = incoming.mul(between.toType(DataType.FLOAT32, false));
    return NDArrays.where(x.gt(1f), incoming.mul(LEAK), inside);
  }
}
