package dev.touchstone.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.touchstone.tensor.Scope;
import java.util.List;

/**
 * A model of heads over a residual stream, whose passes can be looked at, changed and
 * differentiated.
 */
public interface Transformer {
  /** Its heads. */
  HeadGrid config();

  /** Where what its passes multiply with lives. */
  NDManager manager();

  /** Token ids [batch, position] to logits [batch, position, vocabulary]. */
  NDArray logits(NDArray ids, Hooks hooks);

  /** Shows hooks a pass over token sequences of one length, of which nothing is kept. */
  default void watch(List<int[]> sequences, Hooks hooks) {
    Scope.measure(() -> logits(TokenIds.of(manager(), sequences), hooks).getShape());
  }
}
