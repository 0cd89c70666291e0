package dev.touchstone.model;

import ai.djl.ndarray.NDArray;

/** Sees every activation of a pass and may replace it. */
@FunctionalInterface
public interface Hooks {
  /** Leaves everything as it is. */
  Hooks NONE = (site, layer, activation) -> activation;

  /**
   * Called once per site and layer, in the order of {@link Site}.
   *
   * @param activation of the shape the site gives; freed after the block, so what is to outlive it
   *     must be kept
   * @return what the pass goes on with, of the same shape: the activation itself, or another
   */
  NDArray at(Site site, int layer, NDArray activation);

  /** These hooks, then {@code next} on what they return. */
  default Hooks then(Hooks next) {
    return (site, layer, activation) -> next.at(site, layer, at(site, layer, activation));
  }
}
