package dev.touchstone.measurement;

import ai.djl.ndarray.NDArray;
import dev.touchstone.statistics.NumpyRandom;

/**
 * How much of its attention a head gives, in random tokens said twice, to the token after the one
 * that stood here the first time: near 1 for an induction head (Olsson et al. 2022), which so knows
 * what comes next where nothing but the repetition tells.
 */
public final class Induction {
  private Induction() {}

  /**
   * Tokens drawn uniformly and said twice: of NumPy's {@code RandomState(seed).random_sample}, each
   * times the vocabulary's size.
   *
   * @param period tokens until they come again
   * @return twice as many token ids
   */
  public static int[] sequence(int vocabulary, int period, int seed) {
    NumpyRandom random = new NumpyRandom(seed);
    int[] tokens = new int[2 * period];
    for (int position = 0; position < period; position++) {
      tokens[position] = (int) (random.uniform() * vocabulary);
      tokens[period + position] = tokens[position];
    }
    return tokens;
  }

  /**
   * The score of each head, on average over the positions of the second time.
   *
   * @param pattern [head, query, key], of such a sequence or the mean of several
   * @throws IllegalArgumentException when the pattern has an odd number of positions or fewer than
   *     four
   */
  public static double[] scores(NDArray pattern) {
    int positions = (int) pattern.getShape().get(1);
    if (positions < 4 || positions % 2 != 0) {
      throw new IllegalArgumentException(
          "a sequence of %d tokens is nothing said twice: take two tokens at least, twice"
              .formatted(positions));
    }
    int period = positions / 2;
    return Backwards.scores(pattern, period, period - 1);
  }
}
