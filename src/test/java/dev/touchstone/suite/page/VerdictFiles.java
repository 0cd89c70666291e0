package dev.touchstone.suite.page;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.touchstone.runtime.AtomicFile;
import dev.touchstone.suite.claim.Assessment;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.claim.Tolerance;
import dev.touchstone.suite.golden.PlanFile;
import dev.touchstone.suite.verdict.Absence;
import dev.touchstone.suite.verdict.Change;
import dev.touchstone.suite.verdict.Grounds;
import dev.touchstone.suite.verdict.HeadScores;
import dev.touchstone.suite.verdict.Ledger;
import dev.touchstone.suite.verdict.OtherSubject;
import dev.touchstone.suite.verdict.Replica;
import dev.touchstone.suite.verdict.Run;
import dev.touchstone.suite.verdict.RunFormat;
import dev.touchstone.suite.verdict.Sensitivity;
import dev.touchstone.suite.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/**
 * A run as files: {@code verdicts.json} and {@code verdicts.csv} for tools, {@code summary.md} and
 * {@code index.html} for readers; what another subject shows stands apart in files of its own
 * ({@code nano144.json} and {@code nano144.md}; {@code subject} for a user's model), and what the
 * protocol's choices change in {@code sensitivity.json} and {@code sensitivity.md}; {@code
 * faults.md} has what falls under which fault; {@code changes.json} what is otherwise than in the
 * run that it is compared with. Each is written aside and then moved, so that nobody reads half of
 * one.
 */
public final class VerdictFiles {
  /** What the pages of other subjects are called. */
  private static final List<String> PAGES = List.of("nano144", "subject");

  private VerdictFiles() {}

  /**
   * Writes the files of a run.
   *
   * @param others the subjects that may have been asked too
   * @param plan how long more would take
   * @throws IOException when the folder cannot be written
   * @throws IllegalStateException when {@code verdicts.json} is not what its schema says; it is
   *     written all the same
   */
  public static void write(
      Run run, Ledger ledger, List<OtherSubject> others, PlanFile plan, Path folder)
      throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode verdicts = json(run, ledger);
    AtomicFile.write(folder.resolve("verdicts.json"), pretty(mapper, verdicts));
    AtomicFile.write(folder.resolve("verdicts.csv"), csv(run, ledger));
    Map<String, ClaimPage> claims = ClaimPages.of(run, ledger);
    AtomicFile.write(folder.resolve("summary.md"), Summary.of(run, ledger, others, claims));
    AtomicFile.write(
        folder.resolve(AnnotatedReports.FILE), AnnotatedReports.of(run, claims, plan, folder));
    for (String page : PAGES) {
      if (others.stream().noneMatch(other -> other.page().equals(page))) {
        write(folder, page + ".json", "");
        write(folder, page + ".md", "");
      }
    }
    for (OtherSubject other : others) {
      boolean asked = run.asked().contains(other);
      write(folder, other.page() + ".json", asked ? pretty(mapper, replicas(run, other)) : "");
      write(folder, ReplicationPage.file(other), asked ? ReplicationPage.of(run, other) : "");
    }
    List<Sensitivity> varied = run.sensitivities();
    write(folder, "sensitivity.json", varied.isEmpty() ? "" : pretty(mapper, sensitivities(run)));
    write(folder, SensitivityPage.FILE, varied.isEmpty() ? "" : SensitivityPage.of(varied, others));
    write(
        folder,
        FaultsPage.FILE,
        run.falls().isEmpty() ? "" : FaultsPage.of(run.falls(), run.constructed(), run.untried()));
    write(folder, "changes.json", run.baseline().isEmpty() ? "" : pretty(mapper, changes(run)));
    // Whatever is wrong with it, hours of measuring are in it: it is complained of once it is
    // there.
    List<String> complaints = RunFormat.complaints(verdicts);
    if (!complaints.isEmpty()) {
      throw new IllegalStateException(
          folder.resolve("verdicts.json")
              + " is not what docs/verdicts.schema.json says: "
              + String.join("; ", complaints));
    }
  }

  /**
   * Without a text, an earlier run's goes: it would stand beside this one's summary as if it were
   * of it.
   */
  private static void write(Path folder, String name, String text) throws IOException {
    if (text.isEmpty()) {
      Files.deleteIfExists(folder.resolve(name));
    } else {
      AtomicFile.write(folder.resolve(name), text);
    }
  }

  private static String pretty(ObjectMapper mapper, ObjectNode json) throws IOException {
    return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
  }

  private static ObjectNode json(Run run, Ledger ledger) {
    ObjectNode root = new ObjectMapper().createObjectNode().put("$schema", RunFormat.SCHEMA);
    root.setAll(RunFormat.begun(run));
    ArrayNode rows = root.putArray("verdicts");
    for (Verdict verdict : run.verdicts()) {
      ObjectNode row = rows.addObject();
      fields(verdict, ledger).forEach(row::put);
      ArrayNode source = row.putArray("source");
      verdict.claim().source().forEach(source::add);
      row.put("seconds", Math.rint(verdict.seconds() * 1000) / 1000);
      RunFormat.keep(verdict, ledger, row);
    }
    ArrayNode unasked = root.putArray("unasked");
    run.unasked().forEach(unasked::add);
    ArrayNode failures = root.putArray("failures");
    run.failures()
        .forEach((claim, error) -> failures.addObject().put("claim", claim).put("error", error));
    return root;
  }

  private static ObjectNode changes(Run run) {
    ObjectNode root = RunFormat.begun(run);
    RunFormat.putBaseline(run, root);
    root.put("judged by one of the runs only", run.uncompared());
    ArrayNode rows = root.putArray("changes");
    for (Change change : run.changes()) {
      rows.addObject()
          .put("claim", change.claim())
          .put("what", change.what().word())
          .put("before", change.before())
          .put("after", change.after())
          .put("sentence", change.sentence());
    }
    return root;
  }

  private static ObjectNode replicas(Run run, OtherSubject subject) {
    ObjectNode root = RunFormat.begun(run);
    run.attention(subject)
        .ifPresent(
            attention -> {
              put(attention.previousToken(), root.putObject("attention to the previous token"));
              put(attention.induction(), root.putObject("attention to what came next"));
            });
    ArrayNode rows = root.putArray("replicas");
    for (Replica replica : run.replicas(subject)) {
      Claim claim = replica.claim();
      Assessment measured = replica.measured().orElse(Assessment.of(false, ""));
      rows.addObject()
          .put("claim", claim.id())
          .put("report", claim.report())
          .put("part", claim.part().orElse(""))
          .put("statement", replica.statement().text())
          .put("observable", replica.asked())
          .put("subject", subject.name())
          .put("answer", replica.answer().words())
          .put("expected", replica.statement().expectation().text())
          .put("measured", measured.measured())
          .put("unit", replica.statement().unit().word())
          .put("interval", measured.interval())
          .put("seconds", Math.rint(replica.seconds() * 1000) / 1000)
          .put("losses", replica.source())
          .put("reason", replica.reason());
    }
    return root;
  }

  private static void put(HeadScores scores, ObjectNode byHead) {
    scores.all().forEach(scored -> byHead.put(scored.head(), scored.value()));
  }

  private static ObjectNode sensitivities(Run run) {
    ObjectNode root = RunFormat.begun(run);
    ArrayNode rows = root.putArray("shifts");
    for (Sensitivity sensitivity : run.sensitivities()) {
      for (Sensitivity.Shift shift : sensitivity.shifts()) {
        ObjectNode row =
            rows.addObject()
                .put("claim", shift.claim().id())
                .put("statement", shift.statement())
                .put("subject", sensitivity.subject())
                .put("otherwise", sensitivity.protocol().words())
                .put("expected", shift.expected())
                .put("as reported", shift.reported().measured())
                .put("measured otherwise", shift.varied().measured())
                .put("answer changes", shift.changesAnswer());
        shift.move().ifPresent(move -> row.put("move", move));
      }
    }
    return root;
  }

  private static Map<String, String> fields(Verdict verdict, Ledger ledger) {
    Claim claim = verdict.claim();
    Assessment measured = verdict.measured().orElse(Assessment.of(false, ""));
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("claim", claim.id());
    fields.put("source", String.join(" ", claim.source()));
    fields.put("report", claim.report());
    fields.put("part", claim.part().orElse(""));
    fields.put("statement", claim.statement().text());
    fields.put("subject", claim.subject());
    fields.put("tier", claim.statement().tier().word());
    fields.put("verdict", verdict.outcome().name());
    fields.put("grounds", verdict.grounds().map(Grounds::words).orElse(""));
    fields.put("absence", verdict.absence().map(Absence::words).orElse(""));
    fields.put("expected", claim.statement().expectation().text());
    fields.put("measured", measured.measured());
    fields.put("tolerance", measured.tolerance());
    fields.put("difference", measured.difference());
    fields.put("unit", claim.statement().unit().word());
    fields.put("interval", measured.interval());
    fields.put("device", verdict.measured().isPresent() ? verdict.environment().device() : "");
    fields.put("seconds", String.format(Locale.ROOT, "%.3f", verdict.seconds()));
    fields.put("losses", verdict.lossSource());
    fields.put("reason", verdict.reason());
    fields.put("remedy", verdict.remedy().orElse(""));
    fields.put("severity", claim.severity().word());
    fields.put("stated", claim.tolerance().map(Tolerance::text).orElse(""));
    fields.put("standing", ledger.standing(verdict, false).word());
    fields.put("observable", verdict.observable());
    fields.put("place", claim.place().file() + ":" + claim.place().line());
    return fields;
  }

  private static String csv(Run run, Ledger ledger) throws IOException {
    StringBuilder csv = new StringBuilder();
    try (CSVPrinter printer = new CSVPrinter(csv, CSVFormat.RFC4180)) {
      for (Verdict verdict : run.verdicts()) {
        Map<String, String> fields = fields(verdict, ledger);
        if (csv.isEmpty()) {
          printer.printRecord(fields.keySet());
        }
        printer.printRecord(fields.values());
      }
    }
    return csv.toString();
  }
}
