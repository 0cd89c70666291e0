package dev.touchstone.suite.verdict;

import dev.touchstone.statistics.Interval;
import dev.touchstone.suite.observation.Observation;
import java.util.List;
import java.util.Optional;

/**
 * An observation as {@code verdicts.json} keeps it, in full precision: a number, numbers in an
 * order, or names. The losses that a number follows from stay in the laboratory's record.
 *
 * @param value of a number
 * @param interval where the number may lie: its two ends
 * @param unrounded the number without rounding
 * @param conditions what finding the number took
 * @param series of numbers
 * @param names in their order
 */
record StoredObservation(
    Optional<Double> value,
    Optional<List<Double>> interval,
    Optional<Double> unrounded,
    Optional<String> conditions,
    Optional<List<Double>> series,
    Optional<List<String>> names) {

  static StoredObservation of(Observation observation) {
    if (observation instanceof Observation.Quantity quantity) {
      return new StoredObservation(
          Optional.of(quantity.value()),
          quantity.interval().map(ends -> List.of(ends.low(), ends.high())),
          quantity.unrounded(),
          quantity.conditions(),
          Optional.empty(),
          Optional.empty());
    }
    return observation instanceof Observation.Series numbers
        ? of(Optional.of(numbers.values()), Optional.empty())
        : of(Optional.empty(), Optional.of(((Observation.Names) observation).names()));
  }

  private static StoredObservation of(Optional<List<Double>> series, Optional<List<String>> names) {
    return new StoredObservation(
        Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), series, names);
  }

  Observation observation() {
    return value
        .<Observation>map(
            number ->
                new Observation.Quantity(
                    number,
                    interval.map(ends -> new Interval(ends.get(0), ends.get(1))),
                    unrounded,
                    conditions))
        .or(() -> series.map(Observation.Series::new))
        .or(() -> names.map(Observation.Names::new))
        .orElseThrow();
  }
}
