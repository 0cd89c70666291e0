package dev.touchstone.claim;

import dev.touchstone.measurement.Observation;

/**
 * One look at an observable.
 *
 * @param seconds how long it took
 */
record Sighting(Observation observation, double seconds) {
  private static final double NANOSECONDS = 1e9;

  /**
   * Observes a subject.
   *
   * @throws dev.touchstone.corpus.Unavailable when what it needs is not here
   */
  static Sighting of(Observatory observatory, String subject, Tier tier, String path) {
    long start = System.nanoTime();
    Observation observation =
        observatory.observables(subject, tier).resolve(path).orElseThrow().get();
    return new Sighting(observation, (System.nanoTime() - start) / NANOSECONDS);
  }
}
