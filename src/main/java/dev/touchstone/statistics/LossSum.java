package dev.touchstone.statistics;

import java.util.Collection;
import java.util.stream.DoubleStream;

/**
 * The summed cross-entropy of predicted tokens, in nats.
 *
 * @param sum over the tokens, float64
 * @param count how many tokens were predicted
 */
public record LossSum(double sum, long count) {
  /** The sum over tokens. */
  public static LossSum of(double[] losses) {
    return new LossSum(DoubleStream.of(losses).sum(), losses.length);
  }

  /**
   * The sum over several chunks.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static LossSum total(Collection<LossSum> parts) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("there are no losses to sum: no chunk was measured");
    }
    return new LossSum(
        parts.stream().mapToDouble(LossSum::sum).sum(),
        parts.stream().mapToLong(LossSum::count).sum());
  }

  /**
   * exp(sum / count): the reports' perplexity (docs/protocol.md, section 3).
   *
   * @throws IllegalStateException when no token was predicted
   */
  public double perplexity() {
    if (count == 0) {
      throw new IllegalStateException("no token was predicted, so there is no perplexity");
    }
    return Math.exp(sum / count);
  }
}
