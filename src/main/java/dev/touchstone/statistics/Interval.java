package dev.touchstone.statistics;

import java.util.stream.DoubleStream;

/**
 * A closed interval of real numbers, and the arithmetic of such: the result of an operation holds
 * every result the operation has on members of its operands (R. E. Moore, Interval Analysis, 1966).
 * It may hold more when an operand stands twice in an expression: {@code a / b - 1} is tighter than
 * {@code (a - b) / b}. Ends may be infinite.
 */
public record Interval(double low, double high) {
  private static final Interval EVERYTHING =
      new Interval(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

  /** Ordered ends only; not-a-number has no place in an interval. */
  public Interval {
    if (!(low <= high)) {
      throw new IllegalArgumentException("an interval from " + low + " to " + high + " is empty");
    }
  }

  /** The interval of one number. */
  public static Interval point(double value) {
    return new Interval(value, value);
  }

  /** Whether it holds one number only. */
  public boolean isPoint() {
    return low == high;
  }

  /** Whether {@code value} lies in it, ends included. */
  public boolean contains(double value) {
    return low <= value && value <= high;
  }

  /**
   * How far apart the two are: 0 when they share a number, else the gap between their nearer ends.
   */
  public double distance(Interval other) {
    return Math.max(0, Math.max(low - other.high, other.low - high));
  }

  /** The smallest interval that holds both. */
  public Interval hull(Interval other) {
    return new Interval(Math.min(low, other.low), Math.max(high, other.high));
  }

  /** {@code -x}. */
  public Interval negated() {
    return new Interval(-high, -low);
  }

  /** {@code x + y}. */
  public Interval plus(Interval other) {
    return between(low + other.low, high + other.high);
  }

  /** {@code x - y}. */
  public Interval minus(Interval other) {
    return plus(other.negated());
  }

  /** {@code x y}. */
  public Interval times(Interval other) {
    return spanning(
        product(low, other.low),
        product(low, other.high),
        product(high, other.low),
        product(high, other.high));
  }

  /** {@code x / y}; all real numbers when {@code y} may be 0. */
  public Interval dividedBy(Interval other) {
    if (other.contains(0)) {
      return EVERYTHING;
    }
    return spanning(
        quotient(low, other.low),
        quotient(low, other.high),
        quotient(high, other.low),
        quotient(high, other.high));
  }

  /** {@code x^y}; all real numbers when {@code x} may be negative and {@code y} is no integer. */
  public Interval power(Interval exponent) {
    if (low >= 0) {
      // Monotone in either argument with the other held, so the extremes stand at corners.
      return spanning(
          Math.pow(low, exponent.low),
          Math.pow(low, exponent.high),
          Math.pow(high, exponent.low),
          Math.pow(high, exponent.high));
    }
    if (!exponent.isPoint()
        || Double.isInfinite(exponent.low)
        || exponent.low != Math.rint(exponent.low)) {
      return EVERYTHING;
    }
    if (exponent.low < 0) {
      return point(1).dividedBy(power(exponent.negated()));
    }
    boolean even = exponent.low % 2 == 0;
    Interval base = even ? magnitude() : this;
    return new Interval(Math.pow(base.low, exponent.low), Math.pow(base.high, exponent.low));
  }

  /** {@code |x|}. */
  public Interval magnitude() {
    if (low >= 0) {
      return this;
    }
    return high <= 0 ? negated() : new Interval(0, Math.max(-low, high));
  }

  /** The smaller of {@code x} and {@code y}. */
  public Interval min(Interval other) {
    return new Interval(Math.min(low, other.low), Math.min(high, other.high));
  }

  /** The larger of {@code x} and {@code y}. */
  public Interval max(Interval other) {
    return new Interval(Math.max(low, other.low), Math.max(high, other.high));
  }

  /** The largest integer not above {@code x}. */
  public Interval floor() {
    return new Interval(Math.floor(low), Math.floor(high));
  }

  // An end at infinity is a bound, not a member: 0 times it is 0.
  private static double product(double a, double b) {
    return a == 0 || b == 0 ? 0 : a * b;
  }

  // The same: what is divided by it comes to 0.
  private static double quotient(double a, double b) {
    return Double.isInfinite(b) ? 0 : a / b;
  }

  private static Interval spanning(double... corners) {
    return between(
        DoubleStream.of(corners).min().orElseThrow(), DoubleStream.of(corners).max().orElseThrow());
  }

  // What is beyond a float64 is taken to be infinite, and nothing is known of its differences.
  private static Interval between(double low, double high) {
    return new Interval(
        Double.isNaN(low) ? Double.NEGATIVE_INFINITY : low,
        Double.isNaN(high) ? Double.POSITIVE_INFINITY : high);
  }
}
