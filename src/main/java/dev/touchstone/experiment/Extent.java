package dev.touchstone.experiment;

/** How much of the validation text an experiment runs over (docs/protocol.md, section 2). */
public enum Extent {
  /** The first 2048 tokens. */
  TWO_K,
  /** All of it. */
  FULL
}
