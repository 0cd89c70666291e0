package dev.touchstone.corpus;

/** The parts of WikiText-2 that the reports measure on. */
public enum Split {
  /** exp10 and exp10d. */
  VALIDATION,
  /** exp06 and exp07. */
  TEST
}
