package dev.touchstone.suite.observation;

import java.util.List;

/** Where observables are found. */
public interface Observatory {
  /** The subjects there are observables of. */
  List<String> subjects();

  /** What can be observed of a subject at a tier. */
  Observables observables(String subject, Tier tier);

  /** A subject's grid of heads. */
  default Grid grid(String subject) {
    return Grid.REPORTS;
  }
}
