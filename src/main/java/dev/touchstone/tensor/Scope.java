package dev.touchstone.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import java.util.function.Supplier;

/**
 * Frees what a computation allocates on its way. DJL attaches a result to the manager of its first
 * operand, so whatever is computed from a weight would live as long as the weight.
 */
public final class Scope {
  private Scope() {}

  /**
   * Runs a computation and frees every array it made but the result, which passes to the enclosing
   * scope of this thread, if there is one.
   */
  public static NDArray compute(Supplier<NDArray> computation) {
    NDArray result;
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      result = computation.get();
      NDScope.unregister(result);
    }
    NDScope.register(result);
    return result;
  }

  /** Runs a computation whose result is no array, and frees every array it made. */
  public static <T> T measure(Supplier<T> computation) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      return computation.get();
    }
  }

  /** Takes an array out of every scope: from now on it lives as long as {@code owner}. */
  public static NDArray keep(NDArray array, NDManager owner) {
    NDScope.unregister(array);
    array.attach(owner);
    return array;
  }
}
