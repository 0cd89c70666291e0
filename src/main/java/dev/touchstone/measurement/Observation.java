package dev.touchstone.measurement;

import java.util.List;
import java.util.Optional;

/** What an experiment saw: numbers and words, no tensors. */
public sealed interface Observation {
  /**
   * One number, with a confidence interval where repetition gave one.
   *
   * @param value in the unit of the claim that asks for it
   */
  record Quantity(double value, Optional<Interval> interval) implements Observation {}

  /** Numbers in an order that means something: along layers, steps, ranks. */
  record Series(List<Double> values) implements Observation {
    public Series {
      values = List.copyOf(values);
    }
  }

  /** Names in an order that means something: heads by importance, conditions by perplexity. */
  record Names(List<String> names) implements Observation {
    public Names {
      names = List.copyOf(names);
    }
  }

  /** A number without an interval. */
  static Quantity quantity(double value) {
    return new Quantity(value, Optional.empty());
  }
}
