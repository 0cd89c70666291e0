package dev.touchstone.suite.claim;

/** What a claim is judged by. */
public sealed interface Basis {
  /**
   * A measurement.
   *
   * @param path the observable's, or a formula over several
   */
  record Measurement(String path) implements Basis {}

  /** Other printed figures alone. */
  record PrintedFigures() implements Basis {}

  /**
   * Nothing yet.
   *
   * @param reason why Touchstone does not measure it
   */
  record NotYet(String reason) implements Basis {}
}
