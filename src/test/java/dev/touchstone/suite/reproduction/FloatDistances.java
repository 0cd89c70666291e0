package dev.touchstone.suite.reproduction;

import dev.touchstone.suite.golden.SlackFile;
import dev.touchstone.suite.golden.SlackFile.Case;
import dev.touchstone.suite.page.Markdown;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How far numbers were found apart in this run, beside what golden/slack.yaml has. */
final class FloatDistances {
  private final SlackFile slack;
  private final String where;
  private final List<Found> found = new ArrayList<>();

  /**
   * @param against what the others are
   */
  private record Found(Case of, String against, double apart, double allowed) {}

  /**
   * None yet.
   *
   * @param where the machine and the day
   */
  FloatDistances(SlackFile slack, String where) {
    this.slack = slack;
    this.where = where;
  }

  /** How far a comparison may be apart. */
  double allowed(Case of) {
    return slack.allowed(of);
  }

  void add(Case of, String against, Agreement.Group compared, double allowed) {
    found.add(new Found(of, against, compared.furthest(), allowed));
  }

  /** For readers, with the rows that golden/slack.yaml would have of this run. */
  String markdown() {
    return """
        # How far floats are off here

        %s. The furthest apart of all that was compared, and what `golden/slack.yaml` allows: %s times what it has.

        %s
        This run as rows of `golden/slack.yaml`:
        ```yaml
        %s```
        """
        .formatted(
            where,
            number(slack.times()),
            Markdown.table(
                List.of(
                    "device",
                    "precision",
                    "weights",
                    "subject",
                    "quantity",
                    "against",
                    "apart",
                    "allowed"),
                found.stream()
                    .map(
                        each ->
                            List.of(
                                each.of.device(),
                                each.of.precision().toString(),
                                each.of.weights(),
                                each.of.subject(),
                                each.of.quantity().toString(),
                                each.against,
                                number(each.apart),
                                number(each.allowed)))
                    .toList()),
            String.join("", found.stream().filter(FloatDistances::isRow).map(this::row).toList()));
  }

  private static boolean isRow(Found each) {
    return each.against.equals(FloatDistanceIT.REFERENCE);
  }

  private String row(Found each) {
    return String.format(
        Locale.ROOT,
        "  - {device: %s, precision: %s, weights: %s, subject: %s, quantity: %s, apart: %.1e, where: \"%s\"}%n",
        each.of.device(),
        each.of.precision(),
        each.of.weights(),
        each.of.subject(),
        each.of.quantity(),
        each.apart,
        where);
  }

  /** For tools. */
  List<Map<String, Object>> json() {
    return found.stream()
        .map(
            each ->
                Map.<String, Object>of(
                    "device", each.of.device(),
                    "precision", each.of.precision().toString(),
                    "weights", each.of.weights(),
                    "subject", each.of.subject(),
                    "quantity", each.of.quantity().toString(),
                    "against", each.against,
                    "apart", each.apart,
                    "allowed", each.allowed))
        .toList();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2g", value);
  }
}
