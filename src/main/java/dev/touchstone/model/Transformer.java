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

  /**
   * The logits of one sequence several times, each of which hooks may change in another way, [copy,
   * position, vocabulary].
   *
   * @param ids token ids [1, position]
   * @param first the layer from which on hooks change anything
   */
  default NDArray logits(NDArray ids, int copies, int first, Hooks hooks) {
    return logits(ids.repeat(0, copies), hooks);
  }

  /** Shows hooks a pass over token sequences of one length, of which nothing is kept. */
  default void watch(List<int[]> sequences, Hooks hooks) {
    Scope.measure(() -> logits(TokenIds.of(manager(), sequences), hooks).getShape());
  }
}
