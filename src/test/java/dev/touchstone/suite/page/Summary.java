package dev.touchstone.suite.page;

import dev.touchstone.suite.verdict.Ledger;
import dev.touchstone.suite.verdict.OtherSubject;
import dev.touchstone.suite.verdict.Outcome;
import dev.touchstone.suite.verdict.Replica;
import dev.touchstone.suite.verdict.Replica.Answer;
import dev.touchstone.suite.verdict.Run;
import dev.touchstone.suite.verdict.Sensitivity;
import dev.touchstone.suite.verdict.Verdict;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

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
    }
    page.append(" claims |\n|---|").append("--:|".repeat(Outcome.values().length + 1));
    page.append('\n');
    Map<Outcome, Long> total = new TreeMap<>();
    run.counts()
        .forEach(
            (report, counts) -> {
              row(report, counts);
              counts.forEach((outcome, count) -> total.merge(outcome, count, Long::sum));
            });
    row("all", total);
    long recomputed =
        run.verdicts().stream()
            .filter(each -> each.outcome() == Outcome.REPRODUCED && each.measured().isEmpty())
            .count();
    page.append(
        "\nOf the REPRODUCED, %d measured, %d recomputed from other printed figures alone.\n"
            .formatted(total.getOrDefault(Outcome.REPRODUCED, 0L) - recomputed, recomputed));
  }

  private void row(String report, Map<Outcome, Long> counts) {
    page.append("| ").append(report).append(" |");
    for (Outcome outcome : Outcome.values()) {
      page.append(' ').append(counts.getOrDefault(outcome, 0L)).append(" |");
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
                  verdict.outcome(),
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
                    "- %s: %d of %d claims\n"
                        .formatted(
                            report,
                            sum(counts) - counts.getOrDefault(Outcome.NOT_EVALUATED, 0L),
                            sum(counts))));
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
