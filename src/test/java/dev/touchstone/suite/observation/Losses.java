package dev.touchstone.suite.observation;

/**
 * Where the losses behind an observation came from.
 *
 * @param measured chunk losses computed in this run
 * @param recorded chunk losses that an earlier run had computed
 */
public record Losses(long measured, long recorded) {
  /** Those since an earlier count. */
  public Losses since(Losses earlier) {
    return new Losses(measured - earlier.measured, recorded - earlier.recorded);
  }

  /** For readers. What needed none is of weights, or shares what an earlier claim needed. */
  public String words() {
    if (measured > 0) {
      return recorded > 0
          ? "%d measured in this run, %d taken from the record".formatted(measured, recorded)
          : "%d measured in this run".formatted(measured);
    }
    return recorded > 0 ? "%d taken from the record".formatted(recorded) : "none of its own";
  }
}
