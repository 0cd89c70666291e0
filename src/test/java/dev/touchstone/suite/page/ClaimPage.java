package dev.touchstone.suite.page;

import dev.touchstone.suite.verdict.Drawing;
import dev.touchstone.suite.verdict.Outcome;
import java.util.List;
import java.util.Locale;

/**
 * Everything a run knows of a claim, as pages show it. A text is empty where there is nothing to
 * say, which is what templates ask for.
 *
 * @param id the claim's
 * @param name report, part and statement
 * @param part of the report; empty for none
 * @param statement what is claimed
 * @param word the verdict, and that it is by construction where it is
 * @param sentence the verdict and why, in a plain sentence or two
 * @param facts what was expected and measured, by name
 * @param evidence the printed figures that tell for or against it
 * @param truncation that digits cut off instead of rounded would agree, where only that would
 * @param answers what other subjects show of it
 * @param shifts what becomes of it under other protocols
 * @param falls the mistakes in the operators under which it falls
 * @param drawings the figures that draw it
 * @param ledger what is known of it
 * @param command what judges it alone
 * @param place where it is transcribed
 * @param source the cells and sentences of the report it stands in
 * @param details what else there is to know of the measurement, by name
 * @param conflict whether it is not what the ledger knows, which fails the build
 * @param seconds how long it took to measure
 */
public record ClaimPage(
    String id,
    String name,
    String report,
    String part,
    String statement,
    Outcome outcome,
    String word,
    String sentence,
    String severity,
    List<Fact> facts,
    List<Evidence> evidence,
    String truncation,
    List<Answer> answers,
    List<Shift> shifts,
    List<Fall> falls,
    List<Drawing> drawings,
    String ledger,
    String command,
    String place,
    List<String> source,
    List<Fact> details,
    boolean conflict,
    double seconds) {
  /** A name and what it is. */
  public record Fact(String name, String value) {}

  /**
   * A printed figure.
   *
   * @param id where it stands
   * @param says what it says there
   * @param meant both ends of what its digits stand for; empty where they are exact
   */
  public record Evidence(String text, String id, String says, String meant) {}

  /** What another subject shows of it, which is no verdict. */
  public record Answer(
      String subject, String answer, String statement, String measured, String interval) {}

  /** What it is under another protocol. */
  public record Shift(
      String subject, String protocol, String reported, String varied, boolean changes) {}

  /** A mistake that fells it. */
  public record Fall(String subject, String mistake, String sound, String faulty) {}

  /** The verdict as a word of style sheets. */
  public String style() {
    return style(outcome);
  }

  /** The verdict as a sign, for whom colours do not tell it. */
  public String mark() {
    return mark(outcome);
  }

  /** Where its own page is, until Allure's report says under which number. */
  public String href() {
    return ClaimLinks.unresolved(id);
  }

  /** Its table or sentence on the page of annotated reports. */
  public String anchor() {
    return source.get(0).replaceFirst(":r\\d+:c\\d+$", "");
  }

  static String style(Outcome outcome) {
    return outcome.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static String mark(Outcome outcome) {
    return switch (outcome) {
      case REPRODUCED -> "✓";
      case REFUTED -> "✗";
      case INCONSISTENT -> "≠";
      case NOT_EVALUATED -> "○";
      case HARDWARE_BOUND -> "◷";
    };
  }
}
