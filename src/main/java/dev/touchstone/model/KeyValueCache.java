package dev.touchstone.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.touchstone.tensor.Scope;
import java.util.function.Supplier;

/**
 * The keys and values of the positions a generation has passed, so that a next token costs one
 * position. Owned by the caller; closing frees it.
 */
public final class KeyValueCache implements AutoCloseable {
  private final NDManager manager;
  private final NDArray[] keys;
  private final NDArray[] values;

  /** An empty cache for a model of so many layers, on the device of {@code parent}. */
  public KeyValueCache(NDManager parent, int layers) {
    manager = parent.newSubManager();
    keys = new NDArray[layers];
    values = new NDArray[layers];
  }

  /** How many positions it holds for the layer. */
  int positions(int layer) {
    return keys[layer] == null ? 0 : (int) keys[layer].getShape().get(1);
  }

  /** All keys of the layer, the new ones [batch, position, head, d_head] at their end. */
  NDArray keys(int layer, NDArray added) {
    keys[layer] = extend(keys[layer], added);
    return keys[layer];
  }

  /** All values of the layer, likewise. */
  NDArray values(int layer, NDArray added) {
    values[layer] = extend(values[layer], added);
    return values[layer];
  }

  /** From now on every sequence stands so many times, its copies one after the other. */
  public void repeat(int copies) {
    for (int layer = 0; layer < keys.length; layer++) {
      keys[layer] = repeated(keys[layer], copies);
      values[layer] = repeated(values[layer], copies);
    }
  }

  private NDArray repeated(NDArray held, int copies) {
    return held == null ? null : replace(held, () -> held.repeat(0, copies));
  }

  private NDArray extend(NDArray held, NDArray added) {
    return replace(held, () -> held == null ? added.duplicate() : held.concat(added, 1));
  }

  private NDArray replace(NDArray held, Supplier<NDArray> successor) {
    NDArray kept = Scope.keep(Scope.compute(successor), manager);
    if (held != null) {
      held.close();
    }
    return kept;
  }

  @Override
  public void close() {
    manager.close();
  }
}
