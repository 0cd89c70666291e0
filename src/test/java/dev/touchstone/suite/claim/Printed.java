package dev.touchstone.suite.claim;

import dev.touchstone.statistics.Interval;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number as a report prints it: {@code 1.079x}, {@code +108.9%}, {@code 4,315}, {@code ~512}.
 *
 * @param text the figure as printed
 * @param number the number before its mark: 108.9 for {@code +108.9%}
 * @param mark what stands behind it
 * @param approximate whether a {@code ~} stands before it
 */
public record Printed(String text, BigDecimal number, Mark mark, boolean approximate) {
  private static final Pattern FIGURE =
      Pattern.compile(
          "(?<about>[~≈])?(?<sign>[+\\-−])?"
              + "(?<digits>(?:\\d{1,3}(?:,\\d{3})+|\\d+)(?:\\.\\d+)?(?:[eE](?<exponent>[+-]?\\d+))?)"
              + "(?<mark>[x%])?");

  /** Characters, of which no report prints as many; a million digits take a minute to round. */
  private static final int LONGEST = 60;

  /** A power of ten that a float64 holds with room to spare. */
  private static final int LARGEST_EXPONENT = 300;

  // Two digits past the printed ones show by how much a measurement misses or meets.
  private static final int FURTHER_DIGITS = 2;

  /** What stands behind a printed number and says how to read it. */
  public enum Mark {
    /** Nothing: the number is itself. */
    NONE("", 0),
    /** {@code x}: times a baseline; the number is itself. */
    TIMES("x", 0),
    /** {@code %}: hundredths. */
    PERCENT("%", 2);

    private final String sign;
    private final int shift;

    Mark(String sign, int shift) {
      this.sign = sign;
      this.shift = shift;
    }

    /** The mark as it is written. */
    public String sign() {
      return sign;
    }

    private static Mark of(String sign) {
      return sign == null ? NONE : sign.equals("x") ? TIMES : PERCENT;
    }
  }

  /**
   * Reads a figure.
   *
   * @throws NumberFormatException when the text is no figure; its message says what one looks like
   */
  public static Printed parse(String text) {
    if (text.length() > LONGEST) {
      throw new NumberFormatException(
          "\"%s...\" is no figure: it has %d characters, and a figure has at most %d"
              .formatted(text.substring(0, LONGEST), text.length(), LONGEST));
    }
    Matcher matcher = FIGURE.matcher(text.strip());
    if (!matcher.matches()) {
      throw new NumberFormatException(
          "\"" + text + "\" is no figure such as 24.27, 1.079x, +108.9%, 4,315 or ~512");
    }
    String exponent = matcher.group("exponent");
    boolean held = exponent == null || exponent.length() <= 4;
    BigDecimal magnitude =
        held ? new BigDecimal(matcher.group("digits").replace(",", "")) : BigDecimal.ZERO;
    if (!held
        || Math.abs(magnitude.scale()) > LARGEST_EXPONENT
        || Math.abs(magnitude.precision() - magnitude.scale()) > LARGEST_EXPONENT) {
      throw new NumberFormatException(
          "\"%s\" is beyond what can be measured: write a figure between 1e-%d and 1e%d"
              .formatted(text, LARGEST_EXPONENT, LARGEST_EXPONENT));
    }
    String sign = matcher.group("sign");
    boolean negative = sign != null && !sign.equals("+");
    return new Printed(
        text.strip(),
        negative ? magnitude.negate() : magnitude,
        Mark.of(matcher.group("mark")),
        matcher.group("about") != null);
  }

  /** The number in its natural unit: 1.089 for {@code +108.9%}. */
  public double value() {
    return natural(number);
  }

  /** Half a unit of the last printed digit, in the natural unit: 0.0005 for {@code +108.9%}. */
  public double halfLastDigit() {
    return natural(number.ulp()) / 2;
  }

  /** The reals that round to the printed digits, both ends included, in the natural unit. */
  public Interval rounding() {
    BigDecimal half = number.ulp().divide(BigDecimal.valueOf(2));
    return new Interval(natural(number.subtract(half)), natural(number.add(half)));
  }

  /** The reals that these digits are the beginning of, both ends included, in the natural unit. */
  public Interval truncation() {
    BigDecimal next =
        number.signum() < 0 ? number.subtract(number.ulp()) : number.add(number.ulp());
    return Interval.point(natural(number)).hull(Interval.point(natural(next)));
  }

  /**
   * A natural value written in this figure's manner with two further digits: {@code 17.683%} beside
   * {@code 17.7%}. What would show as nothing but zeros is written in scientific notation.
   */
  public String write(double value) {
    return write(value, number.signum() != 0 && text.contains("+"));
  }

  /** The same with its sign always shown, as a difference is. */
  public String writeDifference(double value) {
    return write(value, true);
  }

  private String write(double value, boolean signed) {
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    double shown = value * Math.pow(10, mark.shift);
    boolean whole = number.scale() <= 0 && mark == Mark.NONE && shown == Math.rint(shown);
    int digits = whole ? 0 : Math.max(0, number.scale()) + FURTHER_DIGITS;
    boolean vanishes = shown != 0 && Math.abs(shown) < Math.pow(10, -digits);
    String format = vanishes ? "%.2e" : "%." + digits + "f";
    return String.format(Locale.ROOT, (signed ? "%+" : "%") + format.substring(1), shown)
        + mark.sign;
  }

  private double natural(BigDecimal printed) {
    return printed.movePointLeft(mark.shift).doubleValue();
  }
}
