package dev.touchstone.suite.observation;

import dev.touchstone.runtime.Lazy;
import dev.touchstone.statistics.Estimate;
import dev.touchstone.statistics.Interval;
import java.util.List;
import java.util.Optional;

/**
 * What an experiment saw: numbers and words, no tensors. Numbers are in natural units, whatever a
 * report prints: a share or a relative change is a fraction (0.813 for 81.3%), a ratio, a
 * perplexity, a norm or a count is itself.
 */
public sealed interface Observation {
  /**
   * One number, with a confidence interval where repetition gave one.
   *
   * @param value the number, in its natural unit
   * @param spread where the number itself may lie, in the same unit; found when it is asked for,
   *     since drawing chunks takes longer than all else and most numbers are only computed with
   * @param unrounded the same without rounding, where the number follows from rounded ones
   * @param sample the losses it follows from, where chunks were drawn for its interval
   * @param conditions what finding it took, where it could be another for more or less; for readers
   */
  record Quantity(
      double value,
      Optional<Lazy<Interval>> spread,
      Optional<Double> unrounded,
      Optional<Sample> sample,
      Optional<String> conditions)
      implements Observation {
    public Quantity(double value, Optional<Interval> interval) {
      this(value, interval, Optional.empty(), Optional.empty());
    }

    public Quantity(
        double value,
        Optional<Interval> interval,
        Optional<Double> unrounded,
        Optional<String> conditions) {
      this(
          value,
          interval.map(known -> new Lazy<>(() -> known)),
          unrounded,
          Optional.empty(),
          conditions);
    }

    public Quantity(double value, Optional<Lazy<Interval>> spread, Optional<Double> unrounded) {
      this(value, spread, unrounded, Optional.empty(), Optional.empty());
    }

    /** Where the number itself may lie, in the same unit. */
    public Optional<Interval> interval() {
      return spread.map(Lazy::get);
    }

    /** The same, and what finding it took. */
    public Quantity under(String stated) {
      return new Quantity(value, spread, unrounded, sample, Optional.of(stated));
    }

    /** The number and nothing of where it may lie. */
    public Quantity alone() {
      return new Quantity(value, Optional.empty(), unrounded, Optional.empty(), conditions);
    }
  }

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

  /** A number and where it may lie. */
  static Quantity quantity(Estimate estimate) {
    return quantity(estimate.value(), estimate.interval());
  }

  /** A number and where it may lie. */
  static Quantity quantity(double value, Interval interval) {
    return new Quantity(value, Optional.of(interval));
  }

  /** A number, the losses it follows from, and where it may lie by them. */
  static Quantity quantity(double value, Sample sample) {
    return of(value, Optional.empty(), sample);
  }

  /** A number that follows from rounded ones, beside the same without rounding. */
  static Quantity stored(double value, double unrounded) {
    return new Quantity(value, Optional.empty(), Optional.of(unrounded));
  }

  /** A number that follows from rounded ones, beside the same without rounding. */
  static Quantity stored(double value, Estimate unrounded) {
    return new Quantity(
        value, Optional.of(unrounded.interval()), Optional.of(unrounded.value()), Optional.empty());
  }

  /** A number that follows from rounded ones, beside the same without rounding, of losses. */
  static Quantity stored(double value, Sample unrounded) {
    return of(value, Optional.of(unrounded.value()), unrounded);
  }

  private static Quantity of(double value, Optional<Double> unrounded, Sample sample) {
    return new Quantity(
        value,
        Optional.of(new Lazy<>(sample::interval)),
        unrounded,
        Optional.of(sample),
        Optional.empty());
  }
}
