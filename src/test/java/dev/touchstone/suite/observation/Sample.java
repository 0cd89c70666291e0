package dev.touchstone.suite.observation;

import dev.touchstone.corpus.Chunks;
import dev.touchstone.statistics.Bootstrap;
import dev.touchstone.statistics.Interval;
import dev.touchstone.statistics.LossSum;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The chunk losses that a number follows from. Chunks can so be drawn anew for whatever follows
 * from several numbers.
 *
 * @param text whose chunks they are
 * @param losses for each measurement its losses per chunk
 * @param statistic gives the number, of the measurements' perplexities
 */
public record Sample(
    Chunks text, List<List<LossSum>> losses, ToDoubleFunction<double[]> statistic) {

  /** The measurements' perplexities over all chunks. */
  public double[] perplexities() {
    return Bootstrap.perplexities(List.of(losses))[0];
  }

  /** The number. */
  public double value() {
    return statistic.applyAsDouble(perplexities());
  }

  /** Where the number may lie, with 95%. */
  public Interval interval() {
    return interval(List.of(this), numbers -> numbers[0]);
  }

  /**
   * Where what follows from the numbers of samples may lie, with 95%. The chunks of one text are
   * drawn once for all its measurements, those of different texts apart.
   *
   * @param statistic of the samples' numbers
   */
  public static Interval interval(List<Sample> samples, ToDoubleFunction<double[]> statistic) {
    List<Chunks> texts = samples.stream().map(Sample::text).distinct().toList();
    List<List<List<LossSum>>> measurements =
        texts.stream()
            .map(
                text ->
                    samples.stream()
                        .filter(sample -> sample.text.equals(text))
                        .flatMap(sample -> sample.losses.stream())
                        .distinct()
                        .toList())
            .toList();
    int[] textOf = samples.stream().mapToInt(sample -> texts.indexOf(sample.text)).toArray();
    int[][] places = new int[textOf.length][];
    for (int i = 0; i < places.length; i++) {
      places[i] =
          samples.get(i).losses.stream().mapToInt(measurements.get(textOf[i])::indexOf).toArray();
    }
    return Bootstrap.interval(
        measurements,
        drawn -> {
          double[] numbers = new double[places.length];
          for (int i = 0; i < numbers.length; i++) {
            double[] perplexities = new double[places[i].length];
            for (int m = 0; m < perplexities.length; m++) {
              perplexities[m] = drawn[textOf[i]][places[i][m]];
            }
            numbers[i] = samples.get(i).statistic.applyAsDouble(perplexities);
          }
          return statistic.applyAsDouble(numbers);
        });
  }
}
