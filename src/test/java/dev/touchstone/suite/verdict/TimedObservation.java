package dev.touchstone.suite.verdict;

import dev.touchstone.suite.audit.Formula;
import dev.touchstone.suite.observation.Losses;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Tier;
import java.util.function.Supplier;

/**
 * One look at an observable.
 *
 * @param seconds how long it took
 * @param losses what it took them from
 */
record TimedObservation(Observation observation, double seconds, Losses losses) {
  private static final double NANOSECONDS = 1e9;

  /**
   * Observes a subject.
   *
   * @throws dev.touchstone.corpus.Unavailable when what it needs is not here
   */
  static TimedObservation of(
      Environment environment, String subject, Tier tier, String observable) {
    return of(
        environment,
        Formula.parse(observable)
            .of(environment.observatory().observables(subject, tier))
            .orElseThrow());
  }

  /** Takes a look. */
  static TimedObservation of(Environment environment, Supplier<Observation> look) {
    Losses before = environment.losses().get();
    long start = System.nanoTime();
    Observation observation = look.get();
    return new TimedObservation(
        observation,
        (System.nanoTime() - start) / NANOSECONDS,
        environment.losses().get().since(before));
  }
}
