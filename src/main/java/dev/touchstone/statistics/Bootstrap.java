package dev.touchstone.statistics;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

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
   * What follows from perplexities, with its 95% interval.
   *
   * @param texts for each text, for each of its measurements the losses per chunk: the measurements
   *     of one text are of the same chunks and drawn together, those of different texts apart
   * @param statistic of perplexities [text][measurement]
   */
  public static Estimate estimate(
      List<List<List<LossSum>>> texts, ToDoubleFunction<double[][]> statistic) {
    return new Estimate(statistic.applyAsDouble(perplexities(texts)), interval(texts, statistic));
  }

  /** The perplexities [text][measurement] over all chunks. */
  public static double[][] perplexities(List<List<List<LossSum>>> texts) {
    return texts.stream()
        .map(text -> text.stream().mapToDouble(losses -> LossSum.total(losses).perplexity()))
        .map(DoubleStream::toArray)
        .toArray(double[][]::new);
  }

  /** The 95% interval of what follows from perplexities, as in {@link #estimate}. */
  public static Interval interval(
      List<List<List<LossSum>>> texts, ToDoubleFunction<double[][]> statistic) {
    Random random = new Random(SEED);
    double[] results = new double[RESAMPLES];
    for (int r = 0; r < RESAMPLES; r++) {
      double[][] drawn = new double[texts.size()][];
      for (int text = 0; text < drawn.length; text++) {
        drawn[text] = draw(texts.get(text), random);
      }
      results[r] = statistic.applyAsDouble(drawn);
    }
    Arrays.sort(results);
    int tail = (int) Math.round(RESAMPLES * (1 - CONFIDENCE) / 2);
    return new Interval(results[tail], results[RESAMPLES - 1 - tail]);
  }

  /** The perplexities of a text's measurements over chunks drawn once for all of them. */
  private static double[] draw(List<List<LossSum>> measurements, Random random) {
    int chunks = measurements.get(0).size();
    int[] chosen = random.ints(chunks, 0, chunks).toArray();
    double[] perplexities = new double[measurements.size()];
    for (int m = 0; m < perplexities.length; m++) {
      List<LossSum> losses = measurements.get(m);
      double sum = 0;
      long count = 0;
      for (int chunk : chosen) {
        sum += losses.get(chunk).sum();
        count += losses.get(chunk).count();
      }
      perplexities[m] = Math.exp(sum / count);
    }
    return perplexities;
  }
}
