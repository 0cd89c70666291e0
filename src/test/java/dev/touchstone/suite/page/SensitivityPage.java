package dev.touchstone.suite.page;

import dev.touchstone.suite.claim.Assessment;
import dev.touchstone.suite.verdict.OtherSubject;
import dev.touchstone.suite.verdict.Sensitivity;
import dev.touchstone.suite.verdict.Sensitivity.Shift;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What becomes of claims when the protocol's choices are made otherwise, as Markdown. */
public final class SensitivityPage {
  static final String FILE = "sensitivity.md";

  private static final int LARGEST = 10;
  private static final String OPENING =
      """
      # What depends on how it is measured

      The reports chose how to measure, and could have chosen otherwise. Each section makes one choice otherwise and all
      others as they did, and measures the same claims again. On GPT-2 a changed answer is a changed verdict; on
      {others} it is a changed yes or no of a statement, and of a printed value only how far {others}'s figure moves.
      """;

  private SensitivityPage() {}

  /**
   * The page over every subject and choice that was measured.
   *
   * @param others the subjects that are not the reports'
   */
  static String of(List<Sensitivity> sensitivities, List<OtherSubject> others) {
    String names = others.stream().map(OtherSubject::name).collect(Collectors.joining(" or "));
    StringBuilder page = new StringBuilder(OPENING.replace("{others}", names));
    page.append("\n| subject | otherwise | measured both ways | answers | that change | figures |");
    page.append(" beyond half their last digit | not measured |\n");
    page.append("|---|---|--:|--:|--:|--:|--:|--:|\n");
    for (Sensitivity each : sensitivities) {
      page.append(
          Markdown.row(
              each.subject(),
              each.protocol().words(),
              count(each.shifts().size()),
              count(answers(each).size()),
              count(each.changed().size()),
              count(each.shifts().size() - answers(each).size()),
              count(each.shifts().stream().filter(Shift::beyondDigits).count()),
              count(each.left().values().stream().mapToInt(Integer::intValue).sum())));
    }
    page.append(AblationTable.of(sensitivities));
    sensitivities.forEach(each -> page.append('\n').append(section(each)));
    return page.toString();
  }

  /** One subject and choice: which answers change, and which figures move most. */
  public static String section(Sensitivity sensitivity) {
    StringBuilder section = new StringBuilder();
    section.append(
        "## %s: %s\n\n".formatted(sensitivity.subject(), sensitivity.protocol().words()));
    String account = sensitivity.protocol().account();
    section.append(account.isEmpty() ? "" : account + "\n\n");
    List<Shift> changed = sensitivity.changed();
    if (changed.isEmpty()) {
      section.append("None of %d answers changes.\n".formatted(answers(sensitivity).size()));
    } else {
      section.append("| claim | | as the reports measured | otherwise | expected |\n");
      section.append("|---|---|---|---|---|\n");
      changed.forEach(
          shift ->
              section.append(
                  Markdown.row(
                      shift.claim().id(),
                      shift.statement(),
                      answer(shift.reported()),
                      answer(shift.varied()),
                      shift.expected())));
    }
    figures(sensitivity, section);
    sensitivity
        .left()
        .forEach(
            (reason, count) ->
                section.append("\nNot measured, %d: %s.\n".formatted(count, reason)));
    return section.toString();
  }

  private static void figures(Sensitivity sensitivity, StringBuilder section) {
    List<Shift> moved =
        sensitivity.shifts().stream()
            .filter(shift -> shift.move().isPresent() && shift.move().getAsDouble() != 0)
            .sorted(Comparator.comparingDouble(shift -> -Math.abs(shift.move().getAsDouble())))
            .toList();
    long numbers = sensitivity.shifts().stream().filter(shift -> shift.move().isPresent()).count();
    section.append("\nOf %d numbers %d move".formatted(numbers, moved.size()));
    if (moved.isEmpty()) {
      section.append(".\n");
      return;
    }
    section.append(
        ", half of these by no more than %s. The largest moves:\n\n"
            .formatted(percent(moved.get(moved.size() / 2).move().getAsDouble()).substring(1)));
    section.append("| claim | | as the reports measured | otherwise | move |\n");
    section.append("|---|---|--:|--:|--:|\n");
    moved.stream()
        .filter(distinctMeasurements(moved)::contains)
        .limit(LARGEST)
        .forEach(
            shift ->
                section.append(
                    Markdown.row(
                        shift.claim().id(),
                        shift.statement(),
                        shift.reported().measured(),
                        shift.varied().measured(),
                        percent(shift.move().getAsDouble()))));
  }

  /** Several claims print the same figure; the first of them stands for it. */
  private static List<Shift> distinctMeasurements(List<Shift> shifts) {
    return List.copyOf(
        shifts.stream()
            .collect(
                Collectors.toMap(
                    shift -> shift.claim().elsewhere().statement().basis(),
                    shift -> shift,
                    (first, second) -> first))
            .values());
  }

  private static List<Shift> answers(Sensitivity sensitivity) {
    return sensitivity.shifts().stream().filter(Shift::answers).toList();
  }

  private static String answer(Assessment assessment) {
    return (assessment.holds() ? "yes, " : "**no**, ") + assessment.measured();
  }

  private static String percent(double move) {
    return String.format(Locale.ROOT, "%+.1f%%", 100 * move);
  }

  private static String count(long number) {
    return Long.toString(number);
  }
}
