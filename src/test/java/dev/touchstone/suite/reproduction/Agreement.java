package dev.touchstone.suite.reproduction;

import dev.touchstone.suite.page.Markdown;
import io.qameta.allure.Allure;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;

/**
 * How closely a test's figures agree with others' of the same things: the pairs it compared, how
 * near each had to come, and the pair that is furthest apart.
 */
public final class Agreement {
  private final String other;

  /** Asked for by the same name and tolerance, a group is the same. */
  private final Map<String, Group> groups = new LinkedHashMap<>();

  /**
   * An agreement of which nothing is compared yet.
   *
   * @param other whose figures the other ones are
   */
  Agreement(String other) {
    this.other = other;
  }

  /** Figures that may differ by so much of what they are. */
  public Group relative(String what, double within) {
    return group(what, within, " relative", (ours, theirs) -> Math.abs(ours / theirs - 1));
  }

  /** Figures that may differ by so much. */
  public Group absolute(String what, double within) {
    return group(what, within, "", (ours, theirs) -> Math.abs(ours - theirs));
  }

  /** Figures that must be the same: counts, thresholds. */
  public Group exact(String what) {
    return absolute(what, 0);
  }

  private Group group(
      String what, double within, String how, ToDoubleBiFunction<Double, Double> difference) {
    return groups.computeIfAbsent(
        what + " " + within + how, key -> new Group(what, within, how, difference));
  }

  /** Figures of one sort, all of which must come as near. */
  public static final class Group {
    private final String what;
    private final double within;
    private final String how;
    private final ToDoubleBiFunction<Double, Double> difference;
    private int compared;
    private double furthest = -1;
    private List<String> where = List.of("", "", "");

    private Group(
        String what, double within, String how, ToDoubleBiFunction<Double, Double> difference) {
      this.what = what;
      this.within = within;
      this.how = how;
      this.difference = difference;
    }

    /** Compares a figure with the other's. */
    public Group compare(String which, double ours, double theirs) {
      double apart = ours == theirs ? 0 : difference.applyAsDouble(ours, theirs);
      compared++;
      // What is not a number is as far apart as can be.
      if (!(apart <= furthest) && furthest < Double.POSITIVE_INFINITY) {
        furthest = Double.isNaN(apart) ? Double.POSITIVE_INFINITY : apart;
        where = List.of(which, number(ours), number(theirs));
      }
      return this;
    }

    /** Compares each of the other's figures with what is ours under its name. */
    public Group compare(Map<String, Double> theirs, ToDoubleFunction<String> ours) {
      theirs.forEach((which, figure) -> compare(which, ours.applyAsDouble(which), figure));
      return this;
    }

    /** Compares arrays of as many figures. */
    public Group compare(String which, float[] ours, float[] theirs) {
      if (ours.length != theirs.length) {
        throw new AssertionError(
            "%s: %d figures here, %d there".formatted(which, ours.length, theirs.length));
      }
      for (int i = 0; i < ours.length; i++) {
        compare(which + " " + i, ours[i], theirs[i]);
      }
      return this;
    }

    /** How far the pair is apart that is furthest. */
    double furthest() {
      return furthest;
    }

    private boolean holds() {
      return compared > 0 && furthest <= within;
    }

    private List<String> row() {
      return List.of(
          what,
          Integer.toString(compared),
          compared == 0 ? "" : String.format(Locale.ROOT, "%.2g", furthest),
          within == 0 ? "0" : String.format(Locale.ROOT, "%.0e%s", within, how),
          where.get(0),
          where.get(1),
          where.get(2));
    }

    private static String number(double value) {
      return String.format(Locale.ROOT, "%.10g", value);
    }
  }

  /** What was compared, as Markdown. */
  String table() {
    return "Held against "
        + other
        + ".\n\n"
        + Markdown.table(
            List.of(
                "what", "compared", "furthest apart", "allowed", "furthest is", "here", "there"),
            groups.values().stream().map(Group::row).toList());
  }

  /** Leaves the table with the running test in Allure. */
  void show() {
    Allure.addAttachment("agreement", "text/markdown", table(), "md");
  }

  /**
   * Ends the comparison.
   *
   * @throws AssertionError when nothing was compared, or a pair is too far apart
   */
  void settle() {
    if (groups.isEmpty() || !groups.values().stream().allMatch(Group::holds)) {
      throw new AssertionError(
          groups.isEmpty() ? "Nothing was compared with " + other : "No agreement. " + table());
    }
  }
}
