package dev.touchstone.statistics;

import org.apache.commons.math3.random.MersenneTwister;

/**
 * NumPy's {@code RandomState(seed)}: the same seed gives the same draws. Commons Math seeds the
 * Mersenne Twister as NumPy does and makes other numbers of its bits.
 *
 * @see <a href="https://numpy.org/doc/1.26/reference/random/legacy.html">RandomState</a>
 */
public final class NumpyRandom {
  private final MersenneTwister bits;

  /**
   * A source of its own.
   *
   * @param seed not negative
   * @throws IllegalArgumentException when it is, as NumPy refuses it
   */
  public NumpyRandom(int seed) {
    if (seed < 0) {
      throw new IllegalArgumentException(
          "NumPy takes no negative seed such as " + seed + "; choose one from 0");
    }
    bits = new MersenneTwister(seed);
  }

  /** Uniform on [0, 1), of 53 bits: {@code random_sample()} and {@code uniform()}. */
  public double uniform() {
    int high = bits.nextInt() >>> 5;
    int low = bits.nextInt() >>> 6;
    return (high * 0x1p26 + low) * 0x1p-53;
  }

  /**
   * An index, as likely as it is heavy: {@code choice(n, p=weights)}, and {@code
   * searchsorted(cumsum(weights), uniform() * sum(weights))}, of which scikit-learn makes its own.
   *
   * @param weights none negative; the first index is drawn when all are 0
   */
  public int choice(double[] weights) {
    double[] cumulative = weights.clone();
    for (int i = 1; i < weights.length; i++) {
      cumulative[i] += cumulative[i - 1];
    }
    double drawn = uniform() * cumulative[weights.length - 1];
    int index = 0;
    while (cumulative[index] < drawn) {
      index++;
    }
    return index;
  }
}
