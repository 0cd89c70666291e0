package dev.touchstone.measurement;

/** A closed interval of real numbers. */
public record Interval(double low, double high) {
  /** Ordered ends only; not-a-number has no place in an interval. */
  public Interval {
    if (!(low <= high)) {
      throw new IllegalArgumentException("an interval from " + low + " to " + high + " is empty");
    }
  }

  /** Whether {@code value} lies in it, ends included. */
  public boolean contains(double value) {
    return low <= value && value <= high;
  }

  /** Whether the two share a number. */
  public boolean meets(Interval other) {
    return low <= other.high && other.low <= high;
  }
}
