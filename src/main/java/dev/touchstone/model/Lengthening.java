package dev.touchstone.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.touchstone.tensor.Scope;
import java.util.function.IntFunction;

/**
 * An array with a row for each position, made for as many as the longest sequence so far has: a
 * model's context may be far longer than any sequence it ever sees.
 */
final class Lengthening {
  private final NDManager owner;
  private final int most;
  private final IntFunction<NDArray> make;
  private NDArray array;

  /**
   * Makes nothing yet.
   *
   * @param owner where the array lives
   * @param most rows that are worth having before a sequence needs them
   * @param make gives an array of so many rows, the same in those that a shorter one has
   */
  Lengthening(NDManager owner, int most, IntFunction<NDArray> make) {
    this.owner = owner;
    this.most = most;
    this.make = make;
  }

  /** The array with at least so many rows. */
  synchronized NDArray to(long length) {
    long rows = array == null ? 0 : array.getShape().get(0);
    if (rows < length) {
      // Doubled, so that a text that grows token by token makes few.
      int longer = Math.toIntExact(Math.max(length, Math.min(most, 2 * rows)));
      NDArray made = Scope.keep(make.apply(longer), owner);
      if (array != null) {
        array.close();
      }
      array = made;
    }
    return array;
  }
}
