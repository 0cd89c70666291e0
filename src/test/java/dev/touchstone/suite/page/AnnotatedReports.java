package dev.touchstone.suite.page;

import dev.touchstone.suite.golden.PlanFile;
import dev.touchstone.suite.golden.PrintedTable;
import dev.touchstone.suite.page.ClaimPage.Fact;
import dev.touchstone.suite.verdict.Drawing;
import dev.touchstone.suite.verdict.Identity;
import dev.touchstone.suite.verdict.Outcome;
import dev.touchstone.suite.verdict.Run;
import dev.touchstone.suite.verdict.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The reports' tables and sentences with a verdict on each figure, as one page of HTML. */
public final class AnnotatedReports {
  static final String FILE = "index.html";

  private static final String HELD = "data:image/png;base64,";

  private final Run run;
  private final Map<String, ClaimPage> claims;
  private final Set<Drawing> shown = new HashSet<>();
  private final PlanFile plan;
  private final Path folder;

  private AnnotatedReports(Run run, Map<String, ClaimPage> claims, PlanFile plan, Path folder) {
    this.plan = plan;
    this.run = run;
    this.claims = claims;
    this.folder = folder;
  }

  /** How many claims have a verdict. */
  public record Count(Outcome outcome, long claims) {
    public String style() {
      return ClaimPage.style(outcome);
    }

    public String mark() {
      return ClaimPage.mark(outcome);
    }
  }

  /**
   * What a command would evaluate.
   *
   * @param minutes of passes, as they took elsewhere; empty where it makes none
   */
  public record Supply(String command, int claims, String minutes) {}

  /**
   * A report.
   *
   * @param evaluated how many of its claims were
   * @param supplies what would evaluate more
   */
  public record ReportView(
      String name,
      String title,
      List<Count> counts,
      long evaluated,
      int claims,
      List<Supply> supplies,
      List<TableView> tables,
      List<Sentence> sentences) {}

  /**
   * A table.
   *
   * @param negatives its claims that do not hold
   */
  public record TableView(
      String id,
      String part,
      List<Section> sections,
      List<ClaimPage> negatives,
      List<Picture> pictures) {
    /** Counted from 1. */
    public int number() {
      return Integer.parseInt(id.substring(id.indexOf(":t") + 2));
    }
  }

  /** Rows of a table that have the same columns, the first of which names the row. */
  public record Section(List<String> columns, List<RowView> rows) {}

  /** A row. */
  public record RowView(String label, List<CellView> cells) {}

  /** A cell; without pieces where no figure stands. */
  public record CellView(String id, List<PieceView> pieces) {}

  /** Text of a cell, with its claim where it is a figure of one that was judged. */
  public record PieceView(String text, boolean figure, List<ClaimPage> claim) {}

  /** A figure, held in the page and kept as a file beside it. */
  public record Picture(String subject, String file, String caption, String source) {}

  /** What a sentence of a report claims. */
  public record Sentence(String id, List<ClaimPage> claims) {}

  /**
   * The page.
   *
   * @param claims what is known of each claim
   * @param plan how long passes take
   * @param folder where the figures lie
   */
  static String of(Run run, Map<String, ClaimPage> claims, PlanFile plan, Path folder) {
    return new AnnotatedReports(run, claims, plan, folder).page();
  }

  private String page() {
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("style", Templates.file("annotated.css"));
    model.put("script", Templates.file("annotated.js"));
    model.put(
        "facts",
        run.facts().entrySet().stream()
            .map(each -> new Fact(each.getKey(), each.getValue()))
            .toList());
    model.put("counts", counts(run.total()));
    model.put("outcomes", Arrays.stream(Outcome.values()).map(each -> new Count(each, 0)).toList());
    model.put("severities", severities());
    model.put("evaluated", evaluated(run.total()));
    model.put("reproduced", run.reproducedInWords(Optional.empty()));
    model.put("claims", run.verdicts().size());
    model.put("changes", run.changes());
    model.put("compared", run.baseline().map(Identity.Source::words).orElse(""));
    model.put("where", plan.where());
    model.put("reports", reports());
    return new Templates().fill("annotated.ftlh", model);
  }

  private Set<String> severities() {
    return claims.values().stream()
        .map(ClaimPage::severity)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private List<ReportView> reports() {
    List<ReportView> views = new ArrayList<>();
    run.catalog()
        .titles()
        .forEach(
            (report, title) -> {
              List<Verdict> verdicts = of(report, run.verdicts());
              if (!verdicts.isEmpty()) {
                Map<Outcome, Long> counts = run.counts().get(report);
                views.add(
                    new ReportView(
                        report,
                        title,
                        counts(counts),
                        evaluated(counts),
                        verdicts.size(),
                        supplies(report),
                        tables(report),
                        sentences(verdicts)));
              }
            });
    return views;
  }

  private static List<Count> counts(Map<Outcome, Long> counts) {
    return counts.entrySet().stream()
        .map(each -> new Count(each.getKey(), each.getValue()))
        .toList();
  }

  private static long evaluated(Map<Outcome, Long> counts) {
    return counts.entrySet().stream()
        .filter(each -> each.getKey() != Outcome.NOT_EVALUATED)
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  private List<Supply> supplies(String report) {
    List<Supply> supplies = new ArrayList<>();
    run.waiting()
        .forEach(
            (command, waiting) -> {
              List<Verdict> own = of(report, waiting);
              if (!own.isEmpty()) {
                supplies.add(new Supply(command, own.size(), minutes(report, own)));
              }
            });
    return supplies;
  }

  private static List<Verdict> of(String report, List<Verdict> verdicts) {
    return verdicts.stream().filter(each -> each.claim().report().equals(report)).toList();
  }

  private String minutes(String report, List<Verdict> verdicts) {
    int minutes =
        verdicts.stream()
            .map(verdict -> verdict.claim().statement().tier())
            .distinct()
            .mapToInt(tier -> plan.minutes(report, tier).orElse(0))
            .sum();
    return minutes == 0 ? "" : Integer.toString(minutes);
  }

  private List<TableView> tables(String report) {
    Map<String, List<PrintedTable>> byId =
        run.catalog().tables().stream()
            .filter(table -> table.id().startsWith(report + ":"))
            .collect(
                Collectors.groupingBy(PrintedTable::id, LinkedHashMap::new, Collectors.toList()));
    return byId.entrySet().stream()
        .map(each -> table(report, each.getKey(), each.getValue()))
        .toList();
  }

  private TableView table(String report, String id, List<PrintedTable> printed) {
    return new TableView(
        id,
        printed.get(0).part().orElse(""),
        printed.stream().map(this::section).toList(),
        claims.values().stream()
            .filter(claim -> claim.outcome().isNegative())
            .filter(claim -> claim.source().stream().anyMatch(cell -> cell.startsWith(id + ":")))
            .toList(),
        run.drawings().stream()
            .filter(drawing -> drawing.shows(report, printed.get(0).part()))
            // At the first table that it draws: a page that holds each of them once is small
            // enough.
            .filter(shown::add)
            .map(this::picture)
            .toList());
  }

  private Section section(PrintedTable printed) {
    List<String> columns = new ArrayList<>(List.of(printed.key()));
    columns.addAll(printed.columns());
    return new Section(
        columns.stream().map(name -> name.replace('-', ' ')).toList(),
        printed.rows().stream()
            .map(row -> new RowView(row.label(), row.cells().stream().map(this::cell).toList()))
            .toList());
  }

  private CellView cell(PrintedTable.Cell cell) {
    return new CellView(
        cell.id(),
        cell.pieces().stream()
            .map(
                piece ->
                    new PieceView(
                        piece.text(),
                        piece.claim().isPresent(),
                        piece.claim().map(claims::get).stream().toList()))
            .toList());
  }

  private Picture picture(Drawing drawing) {
    try {
      byte[] png = Files.readAllBytes(folder.resolve(drawing.file()));
      return new Picture(
          drawing.subject(),
          drawing.file(),
          drawing.caption(),
          HELD + Base64.getEncoder().encodeToString(png));
    } catch (IOException e) {
      throw new UncheckedIOException("the figure " + drawing.file() + " cannot be read", e);
    }
  }

  /** What sentences claim, in their order. */
  private List<Sentence> sentences(List<Verdict> verdicts) {
    Map<String, List<ClaimPage>> bySentence = new LinkedHashMap<>();
    for (Verdict verdict : verdicts) {
      String id = verdict.claim().source().get(0);
      if (!id.matches(".*:t\\d+:r\\d+:c\\d+")) {
        bySentence
            .computeIfAbsent(id, each -> new ArrayList<>())
            .add(claims.get(verdict.claim().id()));
      }
    }
    return bySentence.entrySet().stream()
        .map(each -> new Sentence(each.getKey(), each.getValue()))
        .toList();
  }
}
