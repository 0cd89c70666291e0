package dev.touchstone.suite.page;

import dev.touchstone.suite.claim.Assessment;
import dev.touchstone.suite.claim.Basis;
import dev.touchstone.suite.observation.Grid;
import dev.touchstone.suite.verdict.HeadScores.Scored;
import dev.touchstone.suite.verdict.OtherSubject;
import dev.touchstone.suite.verdict.Replica;
import dev.touchstone.suite.verdict.Replica.Answer;
import dev.touchstone.suite.verdict.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What another subject shows, on one page of Markdown. */
public final class ReplicationPage {
  private static final String OPENING =
      """
      # What {name} shows of what the reports say of GPT-2

      {name} {likeness}, and is measured here by the same code. Whether it shows something too tells how general that is; it
      is **no verdict on the reports**, which speak of GPT-2. Where GPT-2 reads 2048 tokens, two chunks of
      1024, it reads {chunks} of {context}.

      - **shows it**, **does not show it**: a statement that any model can answer (an order, a sign, a trend, a bound).
      - **figure only**: a printed value. Other weights cannot agree with a digit, so both stand side by side.
      - **by construction**: no model could show anything else, so that it tells nothing.
      - **no counterpart**: a statement about heads of GPT-2 by their numbers. L0H8 is a place in GPT-2's weights, no role;
        what {name} has in that place is given, and means nothing for the statement.
      """;

  private static final String OTHER_GRID =
      """

      {name}'s grid is {grid}, where GPT-2 small's is 12 layers of 12 heads. What is said of numbers of heads and of components of
      W_QK is asked of the same share of its own, to the nearest, and at least one: ReLU-30 and ReLU-70 change {thirty} and {seventy} heads
      here. What is said of a layer is asked of the layer at the same depth: the first of the first, the last of the last,
      and of a span of layers of all between. Where that changes what is measured, its path stands beside. A head that GPT-2's
      numbers single out and {name} lacks, or two numbers that it cannot tell apart, are among what was not observed.
      """;

  private static final String LEANING =
      """

      ## How strongly {name} leans on attention

      What its perplexity is multiplied by when attention is taken from it. Where it loses little, what the reports say of heads
      could hardly show in it.

      """;

  /** What the table of {@link #LEANING} tells: claims by what they measure. */
  private static final List<String> TAKEN =
      List.of(
          "cumulative/zero-all/144/ratio",
          "cumulative/mean-l0-protected/132/ratio",
          "cumulative/relu/132/ratio",
          "exp06/injection/1/ratio");

  private static final String LOOKING =
      """

      The heads that attend most, of all their attention on average over positions, to the token before (previous-token heads, on
      its own text) and to the token after the one that stood there the first time, in 16 sequences of random tokens said twice
      (induction heads: nothing but the repetition tells what comes next there).

      """;

  private static final int HIGHEST = 8;
  private static final double HALF = 0.5;

  private final Run run;
  private final OtherSubject subject;
  private final StringBuilder page = new StringBuilder();

  private ReplicationPage(Run run, OtherSubject subject) {
    this.run = run;
    this.subject = subject;
  }

  /** The file that has a subject's page. */
  static String file(OtherSubject subject) {
    return subject.page() + ".md";
  }

  /** The page: answers by report, statements, figures, and what was not observed. */
  static String of(Run run, OtherSubject subject) {
    ReplicationPage page = new ReplicationPage(run, subject);
    page.opening();
    page.counts();
    page.leaning();
    page.statements();
    page.figures(
        "Printed values",
        Answer.FIGURE,
        "| claim | | GPT-2, printed | {name} | 95% interval |\n|---|---|--:|--:|--:|\n");
    page.figures(
        "True of any model by construction",
        Answer.BY_CONSTRUCTION,
        "| claim | | GPT-2, printed | {name} | 95% interval |\n|---|---|--:|--:|--:|\n");
    page.figures(
        "Statements about heads by their numbers",
        Answer.INCOMPARABLE,
        "| claim | | GPT-2, printed | the same place in {name} | 95% interval |\n|---|---|--:|--:|--:|\n");
    page.unobserved();
    return page.page.toString();
  }

  private void opening() {
    page.append(
        named(OPENING)
            .replace("{likeness}", subject.likeness())
            .replace("{chunks}", Integer.toString(subject.chunks()))
            .replace("{context}", Integer.toString(subject.context())));
    Grid grid = subject.grid();
    if (!grid.equals(Grid.REPORTS)) {
      page.append(
          named(OTHER_GRID)
              .replace("{grid}", grid.toString())
              .replace("{thirty}", Integer.toString(grid.carry(Grid::aboveLayer0, 30)))
              .replace("{seventy}", Integer.toString(grid.carry(Grid::aboveLayer0, 70))));
    }
  }

  private String named(String text) {
    return text.replace("{name}", subject.name());
  }

  private void counts() {
    page.append("\n| report |");
    for (Answer answer : Answer.values()) {
      page.append(' ').append(answer.words()).append(" |");
    }
    page.append("\n|---|").append("--:|".repeat(Answer.values().length)).append('\n');
    Map<Answer, Long> total = new TreeMap<>();
    run.answers(subject)
        .forEach(
            (report, counts) -> {
              row(report, counts);
              counts.forEach((answer, count) -> total.merge(answer, count, Long::sum));
            });
    row("all", total);
  }

  private void row(String report, Map<Answer, Long> counts) {
    page.append("| ").append(report).append(" |");
    for (Answer answer : Answer.values()) {
      page.append(' ').append(counts.getOrDefault(answer, 0L)).append(" |");
    }
    page.append('\n');
  }

  private void leaning() {
    List<List<String>> rows = new ArrayList<>();
    for (String taken : TAKEN) {
      run.replicas(subject).stream()
          .filter(replica -> replica.measured().isPresent())
          .filter(replica -> isAbout(replica, taken))
          .findFirst()
          .ifPresent(
              replica ->
                  rows.add(
                      List.of(
                          told(replica) + " `" + replica.claim().id() + "`",
                          replica.statement().expectation().text(),
                          measured(replica),
                          replica.measured().map(Assessment::interval).orElse(""))));
    }
    if (!rows.isEmpty()) {
      page.append(named(LEANING))
          .append(
              Markdown.table(List.of("", "GPT-2, printed", subject.name(), "95% interval"), rows));
    }
    run.attention(subject).ifPresent(this::looking);
  }

  private static boolean isAbout(Replica replica, String path) {
    return replica.claim().statement().basis() instanceof Basis.Measurement measurement
        && measurement.path().equals(path);
  }

  private void looking(Run.Attention attention) {
    List<Scored> previousToken = attention.previousToken().highest(HIGHEST);
    List<Scored> induction = attention.induction().highest(HIGHEST);
    List<List<String>> rows = new ArrayList<>();
    for (int rank = 0; rank < induction.size(); rank++) {
      rows.add(
          List.of(
              Integer.toString(rank + 1),
              cell(previousToken.get(rank)),
              cell(induction.get(rank))));
    }
    page.append(LOOKING)
        .append(Markdown.table(List.of("", "to the previous token", "induction"), rows))
        .append(
            "\nOf its %d heads %d give half of their attention or more to the token before, and %d to what came next.\n"
                .formatted(
                    subject.grid().all(),
                    attention.previousToken().atLeast(HALF),
                    attention.induction().atLeast(HALF)));
  }

  private static String cell(Scored scored) {
    return String.format(Locale.ROOT, "%s %.3f", scored.head(), scored.value());
  }

  private List<Replica> answered(Answer answer) {
    return run.replicas(subject).stream().filter(replica -> replica.answer() == answer).toList();
  }

  private void statements() {
    page.append("\n## Statements\n\n");
    page.append(named("| claim | | {name} | measured | what shows it |\n|---|---|---|---|---|\n"));
    run.replicas(subject).stream()
        .filter(each -> each.answer() == Answer.SHOWN || each.answer() == Answer.NOT_SHOWN)
        .forEach(
            replica ->
                page.append(
                    Markdown.row(
                        replica.claim().id(),
                        told(replica),
                        replica.answer() == Answer.SHOWN ? "shows it" : "**does not show it**",
                        measured(replica),
                        replica.statement().expectation().text())));
  }

  private void figures(String title, Answer answer, String head) {
    page.append("\n## ").append(title).append("\n\n").append(named(head));
    for (Replica replica : answered(answer)) {
      page.append(
          Markdown.row(
              replica.claim().id(),
              told(replica),
              replica.statement().expectation().text(),
              measured(replica),
              replica.measured().map(Assessment::interval).orElse("")));
    }
  }

  private static String told(Replica replica) {
    String counterpart = replica.counterpart();
    return replica.claim().part().map(part -> part + ": ").orElse("")
        + replica.statement().text()
        + (counterpart.isEmpty() ? "" : " (here `" + counterpart + "`)");
  }

  private static String measured(Replica replica) {
    return replica.measured().map(Assessment::measured).orElse("");
  }

  private void unobserved() {
    page.append("\n## Not observed\n\n");
    answered(Answer.UNOBSERVED).stream()
        .collect(Collectors.groupingBy(Replica::reason, TreeMap::new, Collectors.toList()))
        .forEach(
            (reason, replicas) ->
                page.append(
                    "- %d: %s (%s)\n"
                        .formatted(
                            replicas.size(),
                            reason,
                            replicas.stream()
                                .map(replica -> replica.claim().id())
                                .collect(Collectors.joining(", ")))));
  }
}
