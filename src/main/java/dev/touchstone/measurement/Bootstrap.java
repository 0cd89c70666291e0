package dev.touchstone.measurement;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Percentile bootstrap over chunks (Efron and Tibshirani 1993, chapter 13): chunks are drawn with
 * replacement, the same ones for both sides of a comparison. Seeded, so a repeated run gives the
 * same interval.
 */
public final class Bootstrap {
  private static final int RESAMPLES = 10_000;
  private static final long SEED = 10;
  private static final double CONFIDENCE = 0.95;

  private Bootstrap() {}

  /**
   * The 95% interval of one perplexity over another.
   *
   * @param losses per chunk
   * @param baseline per chunk, of the same chunks
   */
  public static Interval ratio(List<LossSum> losses, List<LossSum> baseline) {
    int chunks = losses.size();
    double[] difference = new double[chunks];
    for (int i = 0; i < chunks; i++) {
      difference[i] = losses.get(i).sum() - baseline.get(i).sum();
    }
    return resample(difference, baseline);
  }

  /** The 95% interval of a perplexity. */
  public static Interval perplexity(List<LossSum> losses) {
    return resample(losses.stream().mapToDouble(LossSum::sum).toArray(), losses);
  }

  /** exp(sum of values / count of tokens) over resampled chunks. */
  private static Interval resample(double[] values, List<LossSum> counts) {
    Random random = new Random(SEED);
    double[] results = new double[RESAMPLES];
    for (int r = 0; r < RESAMPLES; r++) {
      double sum = 0;
      long count = 0;
      for (int i = 0; i < values.length; i++) {
        int drawn = random.nextInt(values.length);
        sum += values[drawn];
        count += counts.get(drawn).count();
      }
      results[r] = Math.exp(sum / count);
    }
    Arrays.sort(results);
    int tail = (int) Math.round(RESAMPLES * (1 - CONFIDENCE) / 2);
    return new Interval(results[tail], results[RESAMPLES - 1 - tail]);
  }
}
