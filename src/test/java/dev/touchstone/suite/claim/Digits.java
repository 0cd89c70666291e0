package dev.touchstone.suite.claim;

import dev.touchstone.statistics.Interval;
import java.math.BigDecimal;
import java.math.MathContext;

/** Computed numbers as an account writes them: significant digits, no trailing zeros. */
public final class Digits {
  private static final MathContext SHOWN = new MathContext(6);
  private static final MathContext GAP = new MathContext(3);

  private Digits() {}

  public static String of(double number) {
    return of(number, false);
  }

  /** {@code 0.81}, or {@code 81%}. */
  public static String of(double number, boolean percent) {
    return rounded(number, percent, SHOWN);
  }

  /** How far two numbers are apart, of which the order of magnitude tells enough. */
  public static String gap(double number, boolean percent) {
    return rounded(number, percent, GAP);
  }

  private static String rounded(double number, boolean percent, MathContext digits) {
    if (!Double.isFinite(number)) {
      return number > 0 ? "infinity" : "-infinity";
    }
    BigDecimal rounded =
        new BigDecimal(number).movePointRight(percent ? 2 : 0).round(digits).stripTrailingZeros();
    boolean plain = rounded.scale() >= -9 && rounded.scale() <= 12;
    return (plain ? rounded.toPlainString() : rounded.toString()) + (percent ? "%" : "");
  }

  /** {@code 81} for a single number, {@code 80.5 to 81.5} for others. */
  public static String of(Interval interval, boolean percent) {
    String low = of(interval.low(), percent);
    String high = of(interval.high(), percent);
    return low.equals(high) ? low : low + " to " + high;
  }
}
