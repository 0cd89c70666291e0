package dev.touchstone.statistics;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Percentile bootstrap over chunks (Efron and Tibshirani 1993, chapter 13): chunks are drawn with
 * replacement, the same ones for both sides of a comparison. Seeded, so a repeated run gives the
 * same interval.
 */
public final class Bootstrap {
  private static final int RESAMPLES = 10_000;

  /** So many draws are held at once, whatever the length of the text. */
  private static final int TOGETHER = 500;

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

  /**
   * The 95% interval of what follows from perplexities, as in {@link #estimate}.
   *
   * @param statistic called by several threads
   */
  public static Interval interval(
      List<List<List<LossSum>>> texts, ToDoubleFunction<double[][]> statistic) {
    List<List<Losses>> losses =
        texts.stream().map(text -> text.stream().map(Losses::of).toList()).toList();
    JavaRandom random = new JavaRandom(SEED);
    double[] results = new double[RESAMPLES];
    for (int from = 0; from < RESAMPLES; from += TOGETHER) {
      int first = from;
      int[][][] chosen = choose(losses, random);
      IntStream.range(0, TOGETHER)
          .parallel()
          .forEach(
              r -> results[first + r] = statistic.applyAsDouble(perplexities(losses, chosen[r])));
    }
    Arrays.sort(results);
    int tail = (int) Math.round(RESAMPLES * (1 - CONFIDENCE) / 2);
    return new Interval(results[tail], results[RESAMPLES - 1 - tail]);
  }

  /** Chunks [resample][text][draw], those of a text for all its measurements. */
  private static int[][][] choose(List<List<Losses>> texts, JavaRandom random) {
    int[][][] chosen = new int[TOGETHER][texts.size()][];
    for (int[][] resample : chosen) {
      for (int text = 0; text < resample.length; text++) {
        int[] indices = new int[texts.get(text).get(0).sums.length];
        for (int draw = 0; draw < indices.length; draw++) {
          indices[draw] = random.below(indices.length);
        }
        resample[text] = indices;
      }
    }
    return chosen;
  }

  private static double[][] perplexities(List<List<Losses>> texts, int[][] chosen) {
    double[][] perplexities = new double[chosen.length][];
    for (int text = 0; text < chosen.length; text++) {
      List<Losses> measured = texts.get(text);
      perplexities[text] = new double[measured.size()];
      for (int i = 0; i < measured.size(); i++) {
        perplexities[text][i] = measured.get(i).perplexity(chosen[text]);
      }
    }
    return perplexities;
  }

  /** A measurement's, by chunk. */
  private record Losses(double[] sums, long[] counts) {
    static Losses of(List<LossSum> losses) {
      return new Losses(
          losses.stream().mapToDouble(LossSum::sum).toArray(),
          losses.stream().mapToLong(LossSum::count).toArray());
    }

    double perplexity(int[] chunks) {
      double sum = 0;
      long count = 0;
      for (int chunk : chunks) {
        sum += sums[chunk];
        count += counts[chunk];
      }
      return Math.exp(sum / count);
    }
  }
}
