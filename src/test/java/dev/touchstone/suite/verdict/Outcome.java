package dev.touchstone.suite.verdict;

/** What became of a claim. */
public enum Outcome {
  /** Inside the tolerance, or recomputed from printed figures, which agree: see {@link Grounds}. */
  REPRODUCED,
  /** Measured, outside the tolerance. */
  REFUTED,
  /** The reports contradict themselves or each other, whatever a model says. */
  INCONSISTENT,
  /** What it needs is not here, or Touchstone does not measure it yet. */
  NOT_EVALUATED,
  /** An absolute speed of another machine: measured and shown, not judged. */
  HARDWARE_BOUND;

  /** Whether the claim does not hold. */
  public boolean isNegative() {
    return this == REFUTED || this == INCONSISTENT;
  }
}
