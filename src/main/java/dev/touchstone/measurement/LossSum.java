package dev.touchstone.measurement;

import java.util.Collection;

/**
 * The summed cross-entropy of predicted tokens, in nats.
 *
 * @param sum over the tokens, float64
 * @param count how many tokens were predicted
 */
public record LossSum(double sum, long count) {
  /** The sum over several chunks. */
  public static LossSum total(Collection<LossSum> parts) {
    return new LossSum(
        parts.stream().mapToDouble(LossSum::sum).sum(),
        parts.stream().mapToLong(LossSum::count).sum());
  }

  /** exp(sum / count): the reports' perplexity (PROTOCOL 3). */
  public double perplexity() {
    return Math.exp(sum / count);
  }
}
