package dev.touchstone.runtime;

import java.util.function.Supplier;

/**
 * A value that is worked out when first asked for; so is its failure, which later calls repeat
 * without trying again.
 */
public final class Lazy<T> {
  private final Supplier<T> supplier;
  private Supplier<T> outcome;

  /** Works nothing out yet. */
  public Lazy(Supplier<T> supplier) {
    this.supplier = supplier;
  }

  /** The value, or the failure there was in working it out. */
  public synchronized T get() {
    if (outcome == null) {
      try {
        T value = supplier.get();
        outcome = () -> value;
      } catch (RuntimeException failure) {
        outcome =
            () -> {
              throw failure;
            };
      }
    }
    return outcome.get();
  }
}
