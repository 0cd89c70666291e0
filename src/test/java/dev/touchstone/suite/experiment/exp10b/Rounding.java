package dev.touchstone.suite.experiment.exp10b;

import dev.touchstone.statistics.Bootstrap;
import dev.touchstone.statistics.Estimate;
import dev.touchstone.statistics.LossSum;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observation.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;

/**
 * What is kept of a measured number: the digits that exp10's scripts store and go on with
 * (docs/protocol.md, section 3), or all of them. The stored figure is judged, the other shown
 * beside it.
 */
public enum Rounding {
  STORED,
  UNROUNDED;

  /** A figure as it follows from stored numbers, beside the same from unrounded ones. */
  public static Quantity observed(ToDoubleFunction<Rounding> figure) {
    return Observation.stored(figure.applyAsDouble(STORED), figure.applyAsDouble(UNROUNDED));
  }

  /**
   * The same, with the interval of the unrounded figure over chunks.
   *
   * @param texts as {@link Bootstrap#estimate} takes them
   * @param figure of perplexities [text][measurement]
   */
  public static Quantity estimated(
      List<List<List<LossSum>>> texts, ToDoubleBiFunction<Rounding, double[][]> figure) {
    Estimate unrounded = Bootstrap.estimate(texts, p -> figure.applyAsDouble(UNROUNDED, p));
    return Observation.stored(
        figure.applyAsDouble(STORED, Bootstrap.perplexities(texts)), unrounded);
  }

  /** A perplexity: to 4 decimals. */
  public double perplexity(double perplexity) {
    return to(4, perplexity);
  }

  /** A perplexity over the baseline as kept: to 4 decimals. */
  public double ratio(double perplexity, double baseline) {
    return to(4, perplexity / perplexity(baseline));
  }

  /** The relative change from the baseline as kept: to 6 decimals. */
  public double delta(double perplexity, double baseline) {
    return deltaFromMeasured(perplexity, perplexity(baseline));
  }

  /** The relative change from a baseline that is not rounded before: to 6 decimals. */
  public double deltaFromMeasured(double perplexity, double baseline) {
    return to(6, (perplexity - baseline) / baseline);
  }

  /** A number to so many decimals: the double's exact value, a tie to the even digit. */
  public double to(int decimals, double value) {
    return this == UNROUNDED || !Double.isFinite(value)
        ? value
        : new BigDecimal(value).setScale(decimals, RoundingMode.HALF_EVEN).doubleValue();
  }
}
