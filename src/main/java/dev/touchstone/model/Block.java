package dev.touchstone.model;

import ai.djl.ndarray.NDArray;
import dev.touchstone.tensor.Scope;
import java.util.function.UnaryOperator;

/** A pre-norm block in a pass, seen by hooks: attention, then an MLP, write to the stream. */
record Block(int layer, Hooks hooks) {
  /** The name of a tensor or a linear map of the block. */
  String name(String part) {
    return "h." + layer + "." + part;
  }

  /** Whether an activation has to be there for the hooks. */
  boolean sees(Site site) {
    return hooks.sees(site, layer);
  }

  /** What the pass goes on with at a site. */
  NDArray at(Site site, NDArray activation) {
    return hooks.at(site, layer, activation);
  }

  /** The stream after the block; all are [batch, position, d_model]. */
  NDArray after(
      NDArray residual,
      UnaryOperator<NDArray> norm,
      UnaryOperator<NDArray> attention,
      UnaryOperator<NDArray> normedMlp) {
    return Scope.compute(
        () -> {
          NDArray before = at(Site.RESIDUAL_BEFORE, residual);
          NDArray input = at(Site.ATTENTION_INPUT, norm.apply(before));
          return after(before, attention.apply(input), normedMlp);
        });
  }

  /** The stream after the block, from what the attention wrote on. */
  NDArray after(NDArray before, NDArray written, UnaryOperator<NDArray> normedMlp) {
    return Scope.compute(
        () -> {
          NDArray middle = before.add(at(Site.ATTENTION_OUTPUT, written));
          NDArray mlp = at(Site.MLP_OUTPUT, normedMlp.apply(middle));
          return at(Site.RESIDUAL_AFTER, middle.add(mlp));
        });
  }

  /**
   * What the heads make of their patterns, [batch, query, head, d_head].
   *
   * @param masked scores [batch, head, query, key]
   * @param value [batch, key, head, d_head]
   */
  NDArray attend(NDArray masked, NDArray value) {
    NDArray scores = at(Site.SCORES, masked);
    NDArray pattern = at(Site.PATTERN, scores.softmax(3)); // [batch, head, query, key]
    NDArray byHead = pattern.matMul(value.transpose(0, 2, 1, 3)); // [batch, head, query, d_head]
    return byHead.transpose(0, 2, 1, 3);
  }

  /** The heads' outputs side by side, [batch, query, d_model]. */
  NDArray outputs(NDArray z) {
    NDArray seen = at(Site.Z, z);
    return seen.reshape(seen.getShape().get(0), seen.getShape().get(1), -1);
  }
}
