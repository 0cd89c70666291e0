package dev.touchstone.suite.experiment.spd;

import dev.touchstone.model.LlamaSimpleMlpConfig;

/**
 * Rotary, grouped-query attention of one sequence in float64, head by head and number by number:
 * what the model's tensors are held against.
 *
 * @param patterns [head, query, key], row by row
 * @param z [position, head, d_head], row by row
 */
record AttentionByHand(double[] patterns, double[] z) {
  /**
   * Computes it.
   *
   * @param query before its rotation, [position, head, d_head]
   * @param key before its rotation, [position, key-value head, d_head]
   * @param value [position, key-value head, d_head]
   */
  static AttentionByHand of(
      LlamaSimpleMlpConfig config, double[] query, double[] key, double[] value) {
    int heads = config.heads();
    int shared = config.keyValueHeads();
    int width = config.headWidth();
    int length = query.length / (heads * width);
    double[] patterns = new double[heads * length * length];
    double[] z = new double[length * heads * width];
    for (int head = 0; head < heads; head++) {
      int source = head / (heads / shared);
      for (int q = 0; q < length; q++) {
        double[] turned = rotated(config, query, (q * heads + head) * width, q);
        double[] weights = new double[q + 1];
        double sum = 0;
        for (int k = 0; k <= q; k++) {
          double[] against = rotated(config, key, (k * shared + source) * width, k);
          double score = 0;
          for (int i = 0; i < width; i++) {
            score += turned[i] * against[i];
          }
          weights[k] = Math.exp(score / Math.sqrt(width));
          sum += weights[k];
        }
        for (int k = 0; k <= q; k++) {
          double share = weights[k] / sum;
          patterns[(head * length + q) * length + k] = share;
          for (int i = 0; i < width; i++) {
            z[(q * heads + head) * width + i] += share * value[(k * shared + source) * width + i];
          }
        }
      }
    }
    return new AttentionByHand(patterns, z);
  }

  private static double[] rotated(
      LlamaSimpleMlpConfig config, double[] x, int offset, int position) {
    int half = config.headWidth() / 2;
    double[] turned = new double[2 * half];
    for (int i = 0; i < half; i++) {
      double angle = position / Math.pow(config.rotaryBase(), (double) i / half);
      double first = x[offset + i];
      double second = x[offset + half + i];
      turned[i] = first * Math.cos(angle) - second * Math.sin(angle);
      turned[half + i] = second * Math.cos(angle) + first * Math.sin(angle);
    }
    return turned;
  }
}
