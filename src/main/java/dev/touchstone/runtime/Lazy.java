package dev.touchstone.runtime;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * A value that is worked out when first asked for; so is its failure, which later calls repeat
 * without trying again.
 */
public final class Lazy<T> {
  private final Supplier<T> supplier;
  private Supplier<T> outcome;
  private T value;

  /** Works nothing out yet. */
  public Lazy(Supplier<T> supplier) {
    this.supplier = supplier;
  }

  /** The value, or the failure there was in working it out. */
  public synchronized T get() {
    if (outcome == null) {
      try {
        value = supplier.get();
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

  /** The value, if it was asked for before and worked out. */
  public synchronized Optional<T> ready() {
    return Optional.ofNullable(value);
  }
}
