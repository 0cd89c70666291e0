package dev.touchstone.suite.page;

import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.golden.Fault;
import dev.touchstone.suite.verdict.Fall;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Under which deliberate faults claims fall, as Markdown. */
public final class FaultsPage {
  static final String FILE = "faults.md";

  private static final String OPENING =
      """
      # Which fault turns which claim red

      A test that nothing could fail shows nothing. Each row is a mistake made on purpose in an operator of Touchstone; the
      claims beside it were measured again with it. `golden/faults.yaml` has the mistakes. On nano144 too little text is read
      for the figures to mean anything but that they move.
      """;

  private FaultsPage() {}

  /**
   * The page.
   *
   * @param uncovered the claims on nano144 that no fault was tried on, by the reason
   */
  static String of(
      List<Fall> falls, Collection<Claim> constructed, Map<String, List<Claim>> uncovered) {
    StringBuilder page = new StringBuilder(OPENING);
    Map<String, List<Fall>> bySubject =
        falls.stream()
            .collect(Collectors.groupingBy(Fall::subject, TreeMap::new, Collectors.toList()));
    bySubject.forEach(
        (subject, fallen) -> {
          page.append("\n## On %s\n\n".formatted(subject));
          page.append(
              "%s under %s.\n\n"
                  .formatted(
                      count(fallen.stream().map(Fall::claim), "claim"),
                      count(fallen.stream().map(Fall::fault), "fault")));
          boolean own = fallen.get(0).claim().subject().equals(subject);
          page.append(
              "| claim | | fault | line | %s | with it |\n"
                  .formatted(own ? "should be" : "without it"));
          page.append("|---|---|---|---|---|---|\n");
          fallen.forEach(
              fall ->
                  page.append(
                      Markdown.row(
                          fall.claim().id(),
                          fall.claim().elsewhere().statement().text(),
                          fall.fault().says(),
                          edit(fall.fault()),
                          fall.sound(),
                          fall.faulty())));
        });
    page.append("\n## No model could turn red\n\n");
    page.append("These are counted as by construction, apart from what is measured.\n\n");
    constructed.forEach(
        claim ->
            page.append(
                "- `%s` %s: %s\n"
                    .formatted(
                        claim.id(), claim.statement().text(), claim.construction().orElseThrow())));
    if (!uncovered.isEmpty()) {
      page.append("\n## Under no fault\n\n");
      uncovered.forEach(
          (reason, claims) ->
              page.append(
                  "- %s: %s (%s)\n"
                      .formatted(
                          count(claims.stream(), "claim"),
                          reason,
                          claims.stream()
                              .map(claim -> "`" + claim.id() + "`")
                              .collect(Collectors.joining(", ")))));
    }
    return page.toString();
  }

  private static String count(Stream<?> of, String what) {
    long count = of.distinct().count();
    return count + " " + what + (count == 1 ? "" : "s");
  }

  private static String edit(Fault fault) {
    return "%s: %s `%s`"
        .formatted(
            fault.file(),
            fault.by().isBlank() ? "nothing for" : "`" + oneLine(fault.by()) + "` for",
            oneLine(fault.replace()));
  }

  private static String oneLine(String code) {
    return code.strip().replaceAll("\\s+", " ");
  }
}
