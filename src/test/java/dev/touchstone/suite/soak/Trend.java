package dev.touchstone.suite.soak;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.stat.regression.SimpleRegression;

/**
 * How something has grown over the second half of a soak: in the first, caches fill and the
 * allocator takes what it goes on with.
 *
 * @param slope of the least-squares line, per round
 * @param margin half the width of the slope's interval of 95%
 * @param from where the line begins, and with what
 * @param to where it ends
 */
record Trend(double slope, double margin, Point from, Point to) {
  /** A point of the line. */
  record Point(int round, double value) {}

  /**
   * The trend of a series.
   *
   * @param held at least six looks
   */
  static Trend of(List<Held> held, ToDoubleFunction<Held> what) {
    List<Held> second = held.subList(held.size() / 2, held.size());
    SimpleRegression line = new SimpleRegression();
    second.forEach(look -> line.addData(look.done(), what.applyAsDouble(look)));
    return new Trend(
        line.getSlope(),
        line.getMeanSquareError() == 0 ? 0 : line.getSlopeConfidenceInterval(),
        point(line, second.get(0)),
        point(line, second.get(second.size() - 1)));
  }

  private static Point point(SimpleRegression line, Held at) {
    return new Point(at.done(), line.predict(at.done()));
  }

  /** Whether it grows by no more than so much a round, up to the interval's upper end. */
  boolean isFlat(double bound) {
    return slope + margin <= bound;
  }

  /** Whether it grows by more than so much a round, down to the interval's lower end. */
  boolean grows(double bound) {
    return slope - margin > bound;
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%+.4f ± %.4f a round", slope, margin);
  }
}
