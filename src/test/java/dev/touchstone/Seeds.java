package dev.touchstone;

/** The seeds of random tests, which a property takes back to repeat a failure. */
public final class Seeds {
  private static final String PROPERTY = "touchstone.test.seed";

  private Seeds() {}

  /** The seed that the property {@code touchstone.test.seed} gives, else the test's own. */
  public static long seed(String test) {
    return Long.getLong(PROPERTY, test.hashCode());
  }

  /** How to repeat what a seed gave. */
  public static String say(long seed) {
    return "repeat it with -D" + PROPERTY + "=" + seed;
  }
}
