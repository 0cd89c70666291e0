package dev.touchstone.intervention;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Positions of a sequence, counted from 0, that an intervention names; none for everywhere. */
final class Positions {
  private Positions() {}

  /**
   * In order.
   *
   * @throws IllegalArgumentException when one is negative or named twice
   */
  static List<Integer> sorted(List<Integer> positions) {
    TreeSet<Integer> sorted = new TreeSet<>();
    for (int position : positions) {
      if (position < 0) {
        throw new IllegalArgumentException("position " + position + " is below 0; count from 0");
      }
      if (!sorted.add(position)) {
        throw new IllegalArgumentException(
            "position " + position + " is named twice; name each position once");
      }
    }
    return List.copyOf(sorted);
  }

  /** Insists that a sequence has them. */
  static void check(Intervention named, List<Integer> sorted, int length) {
    if (!sorted.isEmpty() && sorted.get(sorted.size() - 1) >= length) {
      throw new IllegalArgumentException(
          named + " names a position that a sequence of " + length + " tokens has not");
    }
  }

  /** {@code @2,5}; empty for everywhere. */
  static String suffix(List<Integer> positions) {
    return positions.isEmpty()
        ? ""
        : positions.stream().map(String::valueOf).collect(Collectors.joining(",", "@", ""));
  }
}
