package dev.touchstone.measurement;

import ai.djl.ndarray.NDArray;

/** How much heads attend to what stands some way back. */
final class Backwards {
  private Backwards() {}

  /**
   * Each head's attention on average over queries.
   *
   * @param pattern [head, query, key]
   * @param first of the queries; all that follow count too
   * @param distance from query to key
   */
  static double[] scores(NDArray pattern, int first, int distance) {
    int heads = (int) pattern.getShape().get(0);
    int positions = (int) pattern.getShape().get(1);
    float[] weights = pattern.toFloatArray();
    double[] scores = new double[heads];
    for (int head = 0; head < heads; head++) {
      double sum = 0;
      for (int query = first; query < positions; query++) {
        sum += weights[(head * positions + query) * positions + query - distance];
      }
      scores[head] = sum / (positions - first);
    }
    return scores;
  }
}
