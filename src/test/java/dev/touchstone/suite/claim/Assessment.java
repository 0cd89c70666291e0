package dev.touchstone.suite.claim;

/**
 * A measurement held against what is printed; the texts are in the report's unit.
 *
 * @param holds whether it is inside the tolerance
 * @param measured what was measured
 * @param difference measured minus expected; empty where there is no such thing
 * @param tolerance how far it may be off; empty where nothing may
 * @param interval where repetition says the measured value lies; empty without repetition
 * @param holdsTruncated whether it would be as printed if digits were cut off instead of rounded
 */
public record Assessment(
    boolean holds,
    String measured,
    String difference,
    String tolerance,
    String interval,
    boolean holdsTruncated) {
  /** What no digits are rounded in. */
  public Assessment(
      boolean holds, String measured, String difference, String tolerance, String interval) {
    this(holds, measured, difference, tolerance, interval, false);
  }

  public static Assessment of(boolean holds, String measured) {
    return new Assessment(holds, measured, "", "", "");
  }
}
