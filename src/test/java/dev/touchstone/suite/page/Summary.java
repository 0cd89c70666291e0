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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A run on one page of Markdown. */
public final class Summary {
  private static final String INTERVALS =
      """

      **What the intervals mean.**
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
  private final Map<String, ClaimPage> claims;
  private final StringBuilder page = new StringBuilder();

  private Summary(
      Run run, Ledger ledger, List<OtherSubject> others, Map<String, ClaimPage> claims) {
    this.claims = claims;
    this.run = run;
    this.ledger = ledger;
    this.others = others;
  }

  /**
   * The page: reports by verdict, what does not hold in a sentence each, and what would evaluate
   * more; what one may want to know besides is folded.
   *
   * @param others the subjects that may have been asked too
   * @param claims what is known of each claim
   */
  static String of(
      Run run, Ledger ledger, List<OtherSubject> others, Map<String, ClaimPage> claims) {
    Summary summary = new Summary(run, ledger, others, claims);
    summary.table();
    summary.changes();
    summary.negatives();
    summary.coverage();
    summary.generality();
    summary.sensitivity();
    summary.folded("By construction: what no model could turn red", summary.constructions());
    summary.folded("How the verdicts were reached", GROUNDS + summary.intervals());
    summary.facts();
    return summary.page.toString();
  }

  private void table() {
    page.append("# What holds and what does not\n\n| report |");
    for (Outcome outcome : Outcome.values()) {
      page.append(' ').append(ClaimPage.mark(outcome)).append(' ').append(outcome).append(" |");
    }
    page.append(" claims |\n|---|").append("--:|".repeat(Outcome.values().length + 1)).append('\n');
    run.counts().forEach(this::row);
    row("all", run.total());
    String grounds = run.reproducedInWords(Optional.empty());
    page.append(grounds.isEmpty() ? "" : "\nOf those REPRODUCED: " + grounds + ".\n");
  }

  private void row(String report, Map<Outcome, Long> counts) {
    page.append("| ").append(report).append(" |");
    for (Outcome outcome : Outcome.values()) {
      page.append(' ').append(counts.getOrDefault(outcome, 0L)).append(" |");
    }
    page.append(' ').append(sum(counts)).append(" |\n");
  }

  private void changes() {
    run.baseline()
        .ifPresent(
            earlier -> {
              page.append("\n## What changed since %s\n\n".formatted(earlier.words()));
              run.changes().forEach(change -> page.append("- %s\n".formatted(change.sentence())));
              if (run.changes().isEmpty()) {
                page.append("Nothing.\n");
              }
            });
  }

  private void negatives() {
    page.append("\n## What does not hold\n\n");
    List<ClaimPage> negatives =
        claims.values().stream().filter(claim -> claim.outcome().isNegative()).toList();
    if (negatives.isEmpty()) {
      page.append("Nothing of what was judged.\n");
    }
    for (ClaimPage claim : negatives) {
      page.append(
          "- %s **%s** %s. *%s*%s `%s`\n"
              .formatted(
                  claim.mark(),
                  claim.outcome(),
                  claim.name(),
                  claim.sentence(),
                  known(claim) ? "" : " **(Not in the ledger.)**",
                  claim.id()));
    }
    if (!negatives.isEmpty()) {
      folded(
          "The evidence",
          negatives.stream().map(Summary::evidence).collect(Collectors.joining("\n")));
    }
  }

  private boolean known(ClaimPage claim) {
    return ledger.entry(run.catalog().claim(claim.id()).orElseThrow()).isPresent();
  }

  private static String evidence(ClaimPage claim) {
    List<List<String>> rows =
        Stream.concat(
                claim.facts().stream().map(fact -> List.of(fact.value(), fact.name(), "")),
                claim.evidence().stream()
                    .map(
                        each ->
                            List.of(
                                each.text(),
                                "`%s` %s".formatted(each.id(), each.says()),
                                each.meant())))
            .toList();
    return "**%s** `%s`\n\n%s%s"
        .formatted(
            claim.statement(),
            claim.id(),
            Markdown.table(List.of("figure", "where", "stands for"), rows),
            claim.truncation().isEmpty() ? "" : "\n" + claim.truncation() + "\n");
  }

  /** Something that opens when it is asked for; GitHub and browsers read it so. */
  private void folded(String title, String text) {
    if (!text.isEmpty()) {
      page.append("\n<details><summary>%s</summary>\n\n%s\n</details>\n".formatted(title, text));
    }
  }

  private void coverage() {
    page.append("\n## What would evaluate more\n\n");
    StringBuilder reasons = new StringBuilder();
    run.waiting()
        .forEach(
            (command, verdicts) -> {
              page.append("- `%s` adds %s\n".formatted(command, claims(verdicts)));
              byReason(verdicts)
                  .forEach(
                      (reason, some) ->
                          reasons.append("- %s: %s\n".formatted(claims(some), reason)));
            });
    byReason(
            run.verdicts().stream()
                .filter(verdict -> verdict.outcome() == Outcome.NOT_EVALUATED)
                .filter(verdict -> verdict.remedy().isEmpty())
                .toList())
        .forEach(
            (reason, verdicts) ->
                page.append("- no command: %s: %s\n".formatted(claims(verdicts), reason)));
    folded("Why it was not evaluated", reasons.toString());
  }

  private String constructions() {
    return run.verdicts().stream()
        .filter(each -> each.grounds().equals(Optional.of(Grounds.BY_CONSTRUCTION)))
        .map(
            verdict ->
                "- `%s` %s: %s\n"
                    .formatted(
                        verdict.claim().id(),
                        verdict.claim().displayName(),
                        verdict.claim().construction().orElseThrow()))
        .collect(Collectors.joining());
  }

  private String intervals() {
    boolean any =
        run.verdicts().stream()
            .anyMatch(each -> each.measured().filter(m -> !m.interval().isEmpty()).isPresent());
    return any || !run.asked().isEmpty()
        ? INTERVALS.replace(
            "{others}",
            others.stream()
                .map(other -> other.name() + "'s " + other.chunks() + " chunks")
                .collect(Collectors.joining(", ")))
        : "";
  }

  private void facts() {
    folded(
        "This run",
        Markdown.table(
            List.of("", ""),
            run.facts().entrySet().stream()
                .map(each -> List.of(each.getKey(), each.getValue()))
                .toList()));
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
