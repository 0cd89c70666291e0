package dev.touchstone.suite.audit;

import dev.touchstone.statistics.Interval;

/** What can be said of a comparison when its sides are known up to an interval. */
enum Truth {
  TRUE,
  FALSE,
  /** The printed digits leave both open. */
  UNDECIDED;

  // Sides computed from the same printed digits in two ways differ by float noise; it decides
  // nothing.
  private static final double NOISE = 1e-9;

  static Truth of(boolean known) {
    return known ? TRUE : FALSE;
  }

  Truth not() {
    return switch (this) {
      case TRUE -> FALSE;
      case FALSE -> TRUE;
      case UNDECIDED -> UNDECIDED;
    };
  }

  Truth and(Truth other) {
    if (this == FALSE || other == FALSE) {
      return FALSE;
    }
    return this == TRUE && other == TRUE ? TRUE : UNDECIDED;
  }

  Truth or(Truth other) {
    return not().and(other.not()).not();
  }

  /** Whether {@code a < b} whichever members are meant. */
  static Truth less(Interval a, Interval b) {
    if (same(a, b) || above(a, b)) {
      return FALSE;
    }
    return above(b, a) ? TRUE : UNDECIDED;
  }

  /** Whether {@code a <= b} whichever members are meant. */
  static Truth atMost(Interval a, Interval b) {
    if (same(a, b) || a.high() <= b.low()) {
      return TRUE;
    }
    return above(a, b) ? FALSE : UNDECIDED;
  }

  /** Whether {@code a = b}: false when the intervals are apart, true of single numbers only. */
  static Truth equal(Interval a, Interval b) {
    if (same(a, b)) {
      return TRUE;
    }
    return apart(a, b) ? FALSE : UNDECIDED;
  }

  /** Whether the intervals have a gap between them that float noise does not explain. */
  static boolean apart(Interval a, Interval b) {
    return above(a, b) || above(b, a);
  }

  private static boolean same(Interval a, Interval b) {
    return a.isPoint() && b.isPoint() && !apart(a, b);
  }

  private static boolean above(Interval a, Interval b) {
    double gap = a.low() - b.high();
    return gap > NOISE * Math.max(Math.abs(a.low()), Math.abs(b.high()));
  }
}
