package dev.touchstone.suite.audit;

import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What a formula reads.
 *
 * @param numbers what is measured, by path
 * @param choice the value of each variable that is being gone over
 */
record Readings(ToDoubleFunction<String> numbers, Map<String, String> choice) {
  /** The same numbers, where further variables have a value. */
  Readings at(Map<String, String> further) {
    return new Readings(numbers, Ranges.both(choice, further));
  }
}
