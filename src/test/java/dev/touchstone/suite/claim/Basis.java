package dev.touchstone.suite.claim;

/** What a claim is judged by. */
public sealed interface Basis {
  /**
   * A measurement.
   *
   * @param observable a path, or a formula over paths
   */
  record Measurement(String observable) implements Basis {}

  /** Other printed figures alone. */
  record PrintedFigures() implements Basis {}

  /**
   * Nothing yet.
   *
   * @param reason why Touchstone does not measure it
   */
  record NotYet(String reason) implements Basis {}
}
