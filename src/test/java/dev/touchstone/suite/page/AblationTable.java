package dev.touchstone.suite.page;

import dev.touchstone.suite.observation.Protocol;
import dev.touchstone.suite.verdict.Sensitivity;
import dev.touchstone.suite.verdict.Sensitivity.Shift;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** The rankings and thresholds of a subject's heads under every way to ablate, side by side. */
final class AblationTable {
  private static final String OPENING =
      """

      ## Which rankings and thresholds survive another way to ablate

      A row for each measurement, a column for each thing that an ablated head gives or attends by instead. The reports' way is
      zero- or mean-ablation, as the statement says. All are measured on the same text, the beginning of the 2K text, and held
      against the reports' way on it; what does not stand is **bold**. A yes or no stands if it stays, names if they are the same
      in the same order, a number if it moves by no more than a tenth. In parentheses: beside the heads that the reports' protocol
      names on all of the 2K text, the share of 1000 random draws, of as many other heads of the same layers, that hurts at least
      as much under this way. Where few do, the named heads matter. Numbers of heads name none, and have no such share.
      """;

  /** How far a number may move, as a share of what it is under the reports' way. */
  private static final double SAME = 0.1;

  private AblationTable() {}

  /** Nothing where no other way was measured. */
  static String of(List<Sensitivity> all) {
    List<String> subjects =
        all.stream()
            .filter(each -> Protocol.OTHER_ABLATIONS.contains(each.protocol()))
            .map(Sensitivity::subject)
            .distinct()
            .toList();
    StringBuilder page = new StringBuilder(subjects.isEmpty() ? "" : OPENING);
    for (String subject : subjects) {
      page.append("\n### ").append(subject).append("\n\n");
      page.append(
          table(
              all.stream()
                  .filter(each -> each.subject().equals(subject))
                  .filter(each -> each.protocol().onShortText())
                  .toList()));
    }
    return page.toString();
  }

  private static String table(List<Sensitivity> ways) {
    List<Sensitivity> others =
        ways.stream().filter(each -> each.protocol() != Protocol.SHORT_TEXT).toList();
    Optional<Sensitivity> own =
        ways.stream().filter(each -> each.protocol() == Protocol.SHORT_TEXT).findFirst();
    Map<Object, Shift> asked = new LinkedHashMap<>();
    ways.forEach(way -> way.shifts().forEach(shift -> asked.putIfAbsent(basis(shift), shift)));
    List<String> header = new ArrayList<>(List.of("statement", "the reports' way"));
    others.forEach(way -> header.add(way.protocol().words().replaceFirst(".* its ", "")));
    header.add("stands in");
    return Markdown.table(
        header, asked.values().stream().map(shift -> row(shift, own, others)).toList());
  }

  /** Several claims print the same figure; the first of them stands for it. */
  private static Object basis(Shift shift) {
    return shift.claim().elsewhere().statement().basis();
  }

  private static Optional<Shift> same(Sensitivity way, Shift asked) {
    return way.shifts().stream().filter(each -> basis(each).equals(basis(asked))).findFirst();
  }

  /** Where the 2K text is as short, the reports' way on it is what they measured. */
  private static List<String> row(
      Shift asked, Optional<Sensitivity> own, List<Sensitivity> others) {
    Optional<Shift> shortened = own.flatMap(way -> same(way, asked));
    String before =
        shortened.map(shift -> shift.varied().measured()).orElse(asked.reported().measured());
    boolean held = shortened.map(Shift::varied).orElse(asked.reported()).holds();
    double moved = shortened.map(Shift::move).orElse(OptionalDouble.empty()).orElse(0);
    List<String> row =
        new ArrayList<>(List.of(asked.statement() + " `" + asked.claim().id() + "`"));
    row.add(before + shortened.map(AblationTable::matched).orElse(""));
    int standing = 0;
    int measured = 0;
    for (Sensitivity way : others) {
      Optional<Shift> there = same(way, asked);
      if (there.isEmpty()) {
        row.add("");
        continue;
      }
      Shift shift = there.get();
      boolean stands =
          shift.answers()
              ? shift.varied().holds() == held
              : shift.move().isPresent()
                  ? Math.abs(shift.move().getAsDouble() - moved) <= SAME * Math.abs(1 + moved)
                  : shift.varied().measured().equals(before);
      String cell = shift.varied().measured();
      row.add((stands ? cell : "**" + cell + "**") + matched(shift));
      measured++;
      standing += stands ? 1 : 0;
    }
    row.add(standing + " of " + measured);
    return row;
  }

  private static String matched(Shift shift) {
    return shift.matched().isPresent()
        ? String.format(Locale.ROOT, " (random: %.1f%%)", 100 * shift.matched().getAsDouble())
        : "";
  }
}
