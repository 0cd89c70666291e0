package dev.touchstone.suite.claim;

/**
 * How far a measurement may be from what is printed, where a claim says so itself; it then replaces
 * the half unit of the last printed digit and the float slack.
 *
 * @param text as the claim file writes it: {@code 0.3%}, {@code 0.05x}, {@code 5% of expected}
 * @param amount in the natural unit, or as a fraction of the expected value
 * @param relative whether it is such a fraction
 */
public record Tolerance(String text, double amount, boolean relative) {
  private static final String RELATIVE = " of expected";

  /**
   * Reads a tolerance.
   *
   * @throws NumberFormatException when the text is none; its message says what one looks like
   */
  public static Tolerance parse(String text) {
    boolean relative = text.endsWith(RELATIVE);
    String amount = relative ? text.substring(0, text.length() - RELATIVE.length()) : text;
    Printed printed;
    try {
      printed = Printed.parse(amount);
    } catch (NumberFormatException e) {
      throw malformed(text);
    }
    if (printed.number().signum() < 0) {
      throw malformed(text);
    }
    return new Tolerance(text, printed.value(), relative);
  }

  /** The allowance around an expected value, in its natural unit. */
  double around(double expected) {
    return relative ? amount * Math.abs(expected) : amount;
  }

  private static NumberFormatException malformed(String text) {
    return new NumberFormatException(
        "\"" + text + "\" is no tolerance such as 0.01, 0.3%, 0.05x or 5% of expected");
  }
}
