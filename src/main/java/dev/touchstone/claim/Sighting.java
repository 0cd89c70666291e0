package dev.touchstone.claim;

import dev.touchstone.measurement.Observation;

/**
 * One look at an observable.
 *
 * @param seconds how long it took
 * @param losses what it took them from
 */
record Sighting(Observation observation, double seconds, Losses losses) {
  private static final double NANOSECONDS = 1e9;

  /**
   * Observes a subject.
   *
   * @throws dev.touchstone.corpus.Unavailable when what it needs is not here
   */
  static Sighting of(Conditions conditions, String subject, Tier tier, String path) {
    Losses before = conditions.losses().get();
    long start = System.nanoTime();
    Observation observation =
        conditions.observatory().observables(subject, tier).resolve(path).orElseThrow().get();
    return new Sighting(
        observation,
        (System.nanoTime() - start) / NANOSECONDS,
        conditions.losses().get().since(before));
  }
}
