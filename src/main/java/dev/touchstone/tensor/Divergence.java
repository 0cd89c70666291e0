package dev.touchstone.tensor;

import ai.djl.ndarray.NDArray;

/** How far one prediction is from another. */
public final class Divergence {
  private Divergence() {}

  /**
   * KL(p || q), the sum over the last axis of p log(p / q), of the distributions that two arrays of
   * logits stand for. Differentiable.
   *
   * @param p logits [..., vocabulary]
   * @param q logits of the same shape
   * @return nats [...]
   */
  public static NDArray kl(NDArray p, NDArray q) {
    int last = p.getShape().dimension() - 1;
    NDArray logP = p.logSoftmax(last);
    return logP.exp().mul(logP.sub(q.logSoftmax(last))).sum(new int[] {last});
  }
}
