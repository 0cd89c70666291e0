package dev.touchstone.suite.observation;

/** Something that is measured on a subject. */
@FunctionalInterface
public interface Experiment {
  /** Adds what can be observed of it; nothing is measured yet. */
  void register(Observables observables);
}
