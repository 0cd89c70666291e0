package dev.touchstone.suite.verdict;

/** What a verdict stands on. */
public enum Grounds {
  /** A measurement, which another model or a fault in what measures could have changed. */
  MEASURED("measured"),
  /** Arithmetic on what the reports print: no weights and no text take part. */
  RECOMPUTED("recomputed"),
  /** A measurement that no model could have changed. */
  BY_CONSTRUCTION("by construction");

  private final String words;

  Grounds(String words) {
    this.words = words;
  }

  /** For readers. */
  public String words() {
    return words;
  }
}
