package dev.touchstone.bench;

import dev.touchstone.statistics.Repeats;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was measured so far, by name. Each is printed when it is known. */
record Figures(Map<String, Figure> byName) {
  private static final MathContext DIGITS = new MathContext(3);

  /**
   * A measured number.
   *
   * @param runs what it is the median or the best of; empty for a single measurement
   */
  record Figure(double value, String unit, List<Double> runs) {
    /** With three digits. */
    @Override
    public String toString() {
      return new BigDecimal(value).round(DIGITS).stripTrailingZeros().toPlainString() + " " + unit;
    }
  }

  Figures() {
    this(new LinkedHashMap<>());
  }

  Figure add(String name, double value, String unit, List<Double> runs) {
    Figure figure = new Figure(value, unit, runs);
    byName.put(name, figure);
    System.out.println(name + ": " + figure);
    return figure;
  }

  Figure add(String name, double value, String unit) {
    return add(name, value, unit, List.of());
  }

  Figure addBest(String name, List<Double> runs, String unit) {
    return add(name, Collections.max(runs), unit, runs);
  }

  Figure addMedian(String name, List<Double> runs, String unit) {
    return add(name, new Repeats(runs).median(), unit, runs);
  }

  /** What work of so many GFLOP that takes these seconds does in one, in GFLOP/s. */
  static List<Double> rates(double gflop, List<Double> seconds) {
    return seconds.stream().map(each -> gflop / each).toList();
  }

  /** A figure's number. */
  double value(String name) {
    return byName.get(name).value();
  }

  boolean has(String name) {
    return byName.containsKey(name);
  }
}
