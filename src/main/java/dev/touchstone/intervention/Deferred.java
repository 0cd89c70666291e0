package dev.touchstone.intervention;

import java.util.function.Supplier;

/**
 * A material that is made when a pass first needs it.
 *
 * @param fingerprint of all that it is made of
 * @param made gives the same whenever it is asked
 */
public record Deferred(String fingerprint, Supplier<? extends Material> made) implements Material {
  /** Of what is not made yet, nothing. */
  @Override
  public long bytes() {
    return 0;
  }
}
