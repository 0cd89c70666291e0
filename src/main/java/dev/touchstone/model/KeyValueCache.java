package dev.touchstone.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.tensor.Scope;

/**
 * The keys and values of the positions a generation has passed, so that a next token costs one
 * position. Owned by the caller; closing frees it.
 */
public final class KeyValueCache implements AutoCloseable {
  /** Positions there is room for beyond those held, so that few are ever copied. */
  private static final int ROOM = 32;

  private final NDManager manager;
  private final Held[] keys;
  private final Held[] values;

  /**
   * @param buffer [batch, head, room, d_head]: a layer's as its products read it
   * @param positions how much of the room is taken
   */
  private record Held(NDArray buffer, int positions) {
    /** [batch, position, head, d_head], a view. */
    NDArray view() {
      return buffer.get(":, :, 0:" + positions).transpose(0, 2, 1, 3);
    }
  }

  /** An empty cache for a model of so many layers, on the device of {@code parent}. */
  public KeyValueCache(NDManager parent, int layers) {
    manager = parent.newSubManager();
    keys = new Held[layers];
    values = new Held[layers];
  }

  /** How many positions it holds for the layer. */
  int positions(int layer) {
    return keys[layer] == null ? 0 : keys[layer].positions();
  }

  /** All keys of the layer, the new ones [batch, position, head, d_head] at their end; a view. */
  NDArray keys(int layer, NDArray added) {
    keys[layer] = extend(keys[layer], added);
    return keys[layer].view();
  }

  /** All values of the layer, likewise. */
  NDArray values(int layer, NDArray added) {
    values[layer] = extend(values[layer], added);
    return values[layer].view();
  }

  /** From now on every sequence stands so many times, its copies one after the other. */
  public void repeat(int copies) {
    for (int layer = 0; layer < keys.length; layer++) {
      keys[layer] = repeated(keys[layer], copies);
      values[layer] = repeated(values[layer], copies);
    }
  }

  private Held repeated(Held held, int copies) {
    if (held == null || copies == 1) {
      return held;
    }
    NDArray buffer = Scope.keep(Scope.compute(() -> held.buffer.repeat(0, copies)), manager);
    held.buffer.close();
    return new Held(buffer, held.positions);
  }

  private Held extend(Held held, NDArray added) {
    int before = held == null ? 0 : held.positions;
    int after = before + (int) added.getShape().get(1);
    NDArray buffer =
        held != null && after <= held.buffer.getShape().get(2)
            ? held.buffer
            : enlarged(held, added.getShape(), after + ROOM);
    Scope.measure(
        () -> {
          NDIndex place = new NDIndex(":, :, " + before + ":" + after);
          buffer.set(place, added.transpose(0, 2, 1, 3));
          return after;
        });
    return new Held(buffer, after);
  }

  private NDArray enlarged(Held held, Shape added, int room) {
    NDArray buffer = manager.zeros(new Shape(added.get(0), added.get(2), room, added.get(3)));
    Scope.keep(buffer, manager);
    if (held != null) {
      buffer.set(new NDIndex(":, :, 0:" + held.positions), held.view().transpose(0, 2, 1, 3));
      held.buffer.close();
    }
    return buffer;
  }

  @Override
  public void close() {
    manager.close();
  }
}
