package dev.touchstone.measurement;

import ai.djl.ndarray.NDArray;

/**
 * How much of its attention a head gives to the token before the one it stands at, on average over
 * the positions that have one: near 1 for what the field calls a previous-token head.
 */
public final class PreviousToken {
  private PreviousToken() {}

  /**
   * The score of each head.
   *
   * @param pattern [head, query, key], of one sequence or the mean of several
   * @throws IllegalArgumentException when no position has one before it
   */
  public static double[] scores(NDArray pattern) {
    int positions = (int) pattern.getShape().get(1);
    if (positions < 2) {
      throw new IllegalArgumentException(
          "a sequence of %d tokens has no previous token: take two at least".formatted(positions));
    }
    return Backwards.scores(pattern, 1, 1);
  }
}
