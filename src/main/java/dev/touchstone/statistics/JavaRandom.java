package dev.touchstone.statistics;

/**
 * What {@code java.util.Random.ints} of Java 17 draws below a bound, without its streams and its
 * care for several threads, which take most of its time. Other versions of Java draw otherwise
 * below a power of two.
 */
final class JavaRandom {
  private static final long MULTIPLIER = 0x5DEECE66DL;
  private static final long INCREMENT = 0xB;
  private static final int BITS = 48;

  private long state;

  JavaRandom(long seed) {
    state = seed ^ MULTIPLIER;
  }

  private int next() {
    state = state * MULTIPLIER + INCREMENT & (1L << BITS) - 1;
    return (int) (state >>> BITS - Integer.SIZE);
  }

  /** A number from 0 on, below {@code bound}. */
  int below(int bound) {
    int most = bound - 1;
    int number = next();
    if ((bound & most) == 0) {
      return number & most;
    }
    int positive = number >>> 1;
    int rest = positive % bound;
    while (positive + most - rest < 0) { // Of the last numbers some rests would be likelier.
      positive = next() >>> 1;
      rest = positive % bound;
    }
    return rest;
  }
}
