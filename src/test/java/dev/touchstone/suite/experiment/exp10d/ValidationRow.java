package dev.touchstone.suite.experiment.exp10d;

import dev.touchstone.suite.experiment.exp10b.Rounding;
import java.util.List;

/**
 * A row of V5 (docs/protocol.md, section 5): a figure over all tokens beside its value on 2K.
 *
 * @param twoK on the first 2048 tokens
 * @param full over all tokens
 * @param percent by how many hundredths of the 2K value the two differ, as kept
 */
public record ValidationRow(double twoK, double full, double percent) {
  private static final double LEAST_DIVISOR = 1e-8;

  /** What a 2K value must exceed to count, and a 2K ratio's growth to be compared. */
  private static final double NEGLIGIBLE = 1e-4;

  /** Two perplexities: to 2 decimals. */
  static ValidationRow ofPerplexities(Rounding kept, double twoK, double full) {
    return new ValidationRow(twoK, full, kept.to(2, 100 * relative(twoK, full)));
  }

  /** Two effects, or quotients of effects: to 1 decimal. */
  static ValidationRow ofEffects(Rounding kept, double twoK, double full) {
    return new ValidationRow(twoK, full, kept.to(1, 100 * relative(twoK, full)));
  }

  /** The growth of a perplexity, of two ratios to the baseline: to 1 decimal. */
  static ValidationRow ofGrowth(Rounding kept, double twoK, double full) {
    double growth = Math.abs(twoK - 1);
    return new ValidationRow(
        twoK, full, growth > NEGLIGIBLE ? kept.to(1, 100 * ((full - twoK) / growth)) : 0);
  }

  /** A difference over the size of the 2K value. */
  static double relative(double twoK, double full) {
    return (full - twoK) / Math.max(Math.abs(twoK), LEAST_DIVISOR);
  }

  /** Whether the row counts. */
  boolean averaged() {
    return Math.abs(twoK) > NEGLIGIBLE;
  }

  /** The mean percentage of the rows that count. */
  static double mean(List<ValidationRow> rows) {
    return rows.stream()
        .filter(ValidationRow::averaged)
        .mapToDouble(ValidationRow::percent)
        .average()
        .orElseThrow();
  }
}
