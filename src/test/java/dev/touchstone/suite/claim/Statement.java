package dev.touchstone.suite.claim;

import dev.touchstone.suite.observation.Tier;

/**
 * What is said of one subject.
 *
 * @param text in English, in our words
 * @param tier how much text it is about
 * @param basis what it is judged by
 * @param expectation what is expected, as printed
 * @param unit of the figures in it
 */
public record Statement(String text, Tier tier, Basis basis, Expectation expectation, Unit unit) {
  /** Whether other weights can answer it by yes or no; a printed digit they cannot repeat. */
  public boolean isQualitative() {
    return !(expectation instanceof Expectation.OneFigure
        || expectation instanceof Expectation.Range);
  }
}
