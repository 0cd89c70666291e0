package dev.touchstone.suite.experiment.exp10d;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * How much a text repeats itself: greedy decoding of a language model tends to loop (Holtzman et
 * al. 2020), and what has been said before is easy to predict.
 *
 * @param tokens of the text
 */
public record Repetition(int[] tokens) {
  /**
   * distinct-n (Li et al. 2016): different runs of n tokens over all runs of n tokens; 1 when none
   * occurs twice.
   *
   * @throws IllegalArgumentException when the text is shorter than n
   */
  public double distinct(int n) {
    int runs = tokens.length - n + 1;
    if (n < 1 || runs < 1) {
      throw new IllegalArgumentException(
          "a text of " + tokens.length + " tokens has no run of " + n);
    }
    return IntStream.range(0, runs)
            .mapToObj(i -> Arrays.toString(Arrays.copyOfRange(tokens, i, i + n)))
            .distinct()
            .count()
        / (double) runs;
  }

  /** The share of the runs of n tokens that occur earlier in the text. */
  public double repeated(int n) {
    return 1 - distinct(n);
  }
}
