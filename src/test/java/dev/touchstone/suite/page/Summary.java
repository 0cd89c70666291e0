package dev.touchstone.suite.page;

import dev.touchstone.suite.verdict.Grounds;
import dev.touchstone.suite.verdict.Ledger;
import dev.touchstone.suite.verdict.OtherSubject;
import dev.touchstone.suite.verdict.Outcome;
import dev.touchstone.suite.verdict.Replica;
import dev.touchstone.suite.verdict.Replica.Answer;
import dev.touchstone.suite.verdict.Run;
import dev.touchstone.suite.verdict.Sensitivity;
import dev.touchstone.suite.verdict.Verdict;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A run on one page of Markdown. */
public final class Summary {
  private static final String INTERVALS =
      """

      ## What the intervals mean

      An interval beside a perplexity, a ratio or a change is a 95% percentile bootstrap over chunks: 10 000 times,
      as many chunks as were scored are drawn with replacement, with a fixed seed. GPT-2's first 2048 tokens are two
      chunks, so a draw is either of them twice or both, and the interval is merely the span between the two chunks:
      it tells that the figure hangs on which text is read, and no probability. {others} and the full
      runs' 245 give one worth its name.
      """;

  private static final String GROUNDS =
      """

      **Measured** is what another model, or a fault in what measures, could have turned red. **Recomputed** is arithmetic
      on what the reports print, without weights or text. **By construction** is measured too, and no model could turn it
      red: a value is held against itself, a constant is read back, or the statement's own numbers go in.
      """;

  private final Run run;
  private final Ledger ledger;
  private final List<OtherSubject> others;
  private final StringBuilder page = new StringBuilder();

  private Summary(Run run, Ledger ledger, List<OtherSubject> others) {
    this.run = run;
    this.ledger = ledger;
    this.others = others;
  }

  /**
   * The page: reports by verdict, what does not hold, and what was evaluated.
   *
   * @param others the subjects that may have been asked too
   */
  public static String of(Run run, Ledger ledger, List<OtherSubject> others) {
    Summary summary = new Summary(run, ledger, others);
    summary.table();
    summary.negatives();
    summary.coverage();
    summary.generality();
    summary.sensitivity();
    summary.intervals();
    return summary.page.toString();
  }

  private void table() {
    page.append("# What holds and what does not\n\n| report |");
    for (Outcome outcome : Outcome.values()) {
      page.append(' ').append(outcome).append(" |");
      if (outcome == Outcome.REPRODUCED) {
        page.append(" of these ");
        page.append(grounds(Grounds::words)).append(" |");
      }
    }
    int columns = Outcome.values().length + Grounds.values().length + 1;
    page.append(" claims |\n|---|").append("--:|".repeat(columns)).append('\n');
    Map<Outcome, Long> total = new TreeMap<>();
    run.counts()
        .forEach(
            (report, counts) -> {
              row(report, counts, run.reproduced(Optional.of(report)));
              counts.forEach((outcome, count) -> total.merge(outcome, count, Long::sum));
            });
    row("all", total, run.reproduced(Optional.empty()));
    page.append(GROUNDS);
  }

  private static String grounds(Function<Grounds, Object> cell) {
    return Arrays.stream(Grounds.values())
        .map(cell.andThen(Object::toString))
        .collect(Collectors.joining(" | "));
  }

  private void row(String report, Map<Outcome, Long> counts, Map<Grounds, Long> reproduced) {
    page.append("| ").append(report).append(" |");
    for (Outcome outcome : Outcome.values()) {
      page.append(' ').append(counts.getOrDefault(outcome, 0L)).append(" |");
      if (outcome == Outcome.REPRODUCED) {
        page.append(' ').append(grounds(each -> reproduced.getOrDefault(each, 0L))).append(" |");
      }
    }
    page.append(' ').append(sum(counts)).append(" |\n");
  }

  private void negatives() {
    page.append("\n## What does not hold\n\n");
    List<Verdict> negatives =
        run.verdicts().stream().filter(verdict -> verdict.outcome().isNegative()).toList();
    if (negatives.isEmpty()) {
      page.append("Nothing of what was judged.\n");
    }
    for (Verdict verdict : negatives) {
      page.append(
          "- **%s** `%s` %s. %s %s\n"
              .formatted(
                  verdict.word(),
                  verdict.claim().id(),
                  verdict.claim().displayName(),
                  verdict.reason(),
                  ledger
                      .entry(verdict.claim())
                      .map(known -> "(Known since " + known.date() + ": " + known.reason() + ".)")
                      .orElse("**(Not in the ledger.)**")));
    }
  }

  private void coverage() {
    page.append("\n## How much was evaluated here\n\n");
    run.counts()
        .forEach(
            (report, counts) ->
                page.append(
                    "- %s: %d of %d claims%s\n"
                        .formatted(
                            report,
                            sum(counts) - counts.getOrDefault(Outcome.NOT_EVALUATED, 0L),
                            sum(counts),
                            constructed(report))));
    constructions();
    page.append("\n## What would evaluate more\n\n");
    run.waiting()
        .forEach(
            (command, verdicts) -> {
              page.append("- `%s` adds %s:\n".formatted(command, claims(verdicts)));
              byReason(verdicts)
                  .forEach(
                      (reason, some) ->
                          page.append("  - %s: %s\n".formatted(claims(some), reason)));
            });
    byReason(
            run.verdicts().stream()
                .filter(verdict -> verdict.outcome() == Outcome.NOT_EVALUATED)
                .filter(verdict -> verdict.remedy().isEmpty())
                .toList())
        .forEach(
            (reason, verdicts) ->
                page.append("- no command: %s: %s\n".formatted(claims(verdicts), reason)));
  }

  private String constructed(String report) {
    long count = byConstruction().filter(each -> each.claim().report().equals(report)).count();
    return count == 0 ? "" : ", %d of them by construction".formatted(count);
  }

  private Stream<Verdict> byConstruction() {
    return run.verdicts().stream()
        .filter(each -> each.grounds().equals(Optional.of(Grounds.BY_CONSTRUCTION)));
  }

  private void constructions() {
    if (byConstruction().findAny().isPresent()) {
      page.append("\n## What no model could turn red\n\n");
      byConstruction()
          .forEach(
              verdict ->
                  page.append(
                      "- `%s` %s: %s\n"
                          .formatted(
                              verdict.claim().id(),
                              verdict.claim().displayName(),
                              verdict.claim().construction().orElseThrow())));
    }
  }

  private void intervals() {
    boolean any =
        run.verdicts().stream()
            .anyMatch(each -> each.measured().filter(m -> !m.interval().isEmpty()).isPresent());
    if (any || !run.asked().isEmpty()) {
      page.append(
          INTERVALS.replace(
              "{others}",
              others.stream()
                  .map(other -> other.name() + "'s " + other.chunks() + " chunks")
                  .collect(Collectors.joining(", "))));
    }
  }

  private void generality() {
    if (!run.asked().isEmpty()) {
      page.append("\n## What another model shows\n");
    }
    for (OtherSubject other : run.asked()) {
      Map<Answer, Long> answers =
          run.replicas(other).stream()
              .collect(Collectors.groupingBy(Replica::answer, TreeMap::new, Collectors.counting()));
      long shown = answers.getOrDefault(Answer.SHOWN, 0L);
      String file = ReplicationPage.file(other);
      page.append(
          "\nOf %d statements that weights other than GPT-2's can answer, %s shows %d: see [%s](%s). It"
                  .formatted(
                      shown + answers.getOrDefault(Answer.NOT_SHOWN, 0L),
                      other.name(),
                      shown,
                      file,
                      file)
              + " tells how general they are, and is no verdict on the reports.\n");
    }
  }

  private void sensitivity() {
    List<Sensitivity> sensitivities = run.sensitivities();
    if (sensitivities.isEmpty()) {
      return;
    }
    page.append("\n## What depends on how it is measured\n\n");
    sensitivities.forEach(
        each ->
            page.append(
                "- on %s, %d answers change when %s\n"
                    .formatted(each.subject(), each.changed().size(), each.protocol().words())));
    page.append("\nSee [%s](%s).\n".formatted(SensitivityPage.FILE, SensitivityPage.FILE));
  }

  private static SortedMap<String, List<Verdict>> byReason(List<Verdict> verdicts) {
    return verdicts.stream()
        .collect(Collectors.groupingBy(Verdict::reason, TreeMap::new, Collectors.toList()));
  }

  private static String claims(List<Verdict> verdicts) {
    return "%d claim%s (%s)"
        .formatted(verdicts.size(), verdicts.size() == 1 ? "" : "s", perReport(verdicts));
  }

  private static String perReport(List<Verdict> verdicts) {
    SortedMap<String, Long> counts =
        verdicts.stream()
            .collect(
                Collectors.groupingBy(
                    verdict -> verdict.claim().report(), TreeMap::new, Collectors.counting()));
    return counts.entrySet().stream()
        .map(entry -> entry.getKey() + " " + entry.getValue())
        .collect(Collectors.joining(", "));
  }

  private static long sum(Map<Outcome, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }
}
