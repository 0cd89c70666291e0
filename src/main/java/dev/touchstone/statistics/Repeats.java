package dev.touchstone.statistics;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.BinomialDistribution;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.descriptive.DescriptiveStatistics;
import org.apache.commons.math3.stat.interval.ConfidenceInterval;
import org.apache.commons.math3.stat.interval.WilsonScoreInterval;

/**
 * What a measurement gave each time it was repeated: runs of a clock, draws of a random generator,
 * prompts.
 *
 * @param values at least one
 */
public record Repeats(List<Double> values) {
  private static final double CONFIDENCE = 0.95;
  private static final double TAIL = (1 - CONFIDENCE) / 2;

  public Repeats {
    values = List.copyOf(values);
    if (values.isEmpty()) {
      throw new IllegalArgumentException("what was never done gives nothing to average");
    }
  }

  /** Their arithmetic mean. */
  public double mean() {
    return statistics(values).getMean();
  }

  /** Their median. */
  public double median() {
    return statistics(values).getPercentile(50);
  }

  /**
   * A 95% interval of the median from order statistics, whatever the distribution: the k-th
   * smallest to the k-th largest, with the largest k for which fewer than k of n fair coins fall
   * heads with a probability of 2.5% at most. With fewer than six values it is their range.
   */
  public Interval medianInterval() {
    int n = values.size();
    BinomialDistribution coins = new BinomialDistribution(null, n, 0.5);
    int k =
        IntStream.rangeClosed(1, n)
            .filter(each -> coins.cumulativeProbability(each - 1) <= TAIL)
            .max()
            .orElse(1);
    double[] sorted = statistics(values).getSortedValues();
    return new Interval(sorted[k - 1], sorted[n - k]);
  }

  /** Student's 95% interval of the mean. */
  public Interval meanInterval() {
    return around(values, 1 / Math.sqrt(values.size()));
  }

  /**
   * Where one draw more would fall with 95%, if their logarithms are normally distributed: the
   * exponential of mean +- t s sqrt(1 + 1/n), t with n - 1 degrees of freedom.
   *
   * @throws IllegalArgumentException when there is one value only
   */
  public Interval nextDraw() {
    Interval logarithms =
        around(values.stream().map(Math::log).toList(), Math.sqrt(1 + 1.0 / values.size()));
    return new Interval(Math.exp(logarithms.low()), Math.exp(logarithms.high()));
  }

  /** The share of values below a bound, with Wilson's 95% interval of its probability. */
  public Estimate below(double bound) {
    int n = values.size();
    int successes = (int) values.stream().filter(value -> value < bound).count();
    ConfidenceInterval wilson = new WilsonScoreInterval().createInterval(n, successes, CONFIDENCE);
    return new Estimate(
        successes / (double) n,
        new Interval(Math.max(0, wilson.getLowerBound()), Math.min(1, wilson.getUpperBound())));
  }

  private static Interval around(List<Double> values, double widths) {
    int n = values.size();
    if (n < 2) {
      throw new IllegalArgumentException("one value alone says nothing of how values spread");
    }
    DescriptiveStatistics statistics = statistics(values);
    double reach =
        new TDistribution(null, n - 1).inverseCumulativeProbability(1 - TAIL)
            * statistics.getStandardDeviation()
            * widths;
    return new Interval(statistics.getMean() - reach, statistics.getMean() + reach);
  }

  private static DescriptiveStatistics statistics(List<Double> values) {
    return new DescriptiveStatistics(values.stream().mapToDouble(Double::doubleValue).toArray());
  }
}
