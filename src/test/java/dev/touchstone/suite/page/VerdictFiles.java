package dev.touchstone.suite.page;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.touchstone.suite.claim.Assessment;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.verdict.Grounds;
import dev.touchstone.suite.verdict.Ledger;
import dev.touchstone.suite.verdict.Replica;
import dev.touchstone.suite.verdict.Run;
import dev.touchstone.suite.verdict.Sensitivity;
import dev.touchstone.suite.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A run as files: {@code verdicts.json} and {@code verdicts.csv} for tools, {@code summary.md} for
 * readers; what nano144 shows stands apart in {@code nano144.json} and {@code nano144.md}, and what
 * the protocol's choices change in {@code sensitivity.json} and {@code sensitivity.md}; {@code
 * faults.md} has what falls under which fault. Each is written aside and then moved, so that nobody
 * reads half of one.
 */
public final class VerdictFiles {
  private VerdictFiles() {}

  /**
   * Writes the files of a run.
   *
   * @throws IOException when the folder cannot be written
   */
  public static void write(Run run, Ledger ledger, Path folder) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    ReportFile.write(folder.resolve("verdicts.json"), pretty(mapper, json(run, mapper)));
    ReportFile.write(folder.resolve("verdicts.csv"), csv(run));
    ReportFile.write(folder.resolve("summary.md"), Summary.of(run, ledger));
    write(
        folder,
        "nano144.json",
        run.replicas().isEmpty() ? "" : pretty(mapper, replicas(run, mapper)));
    write(folder, ReplicationPage.FILE, run.replicas().isEmpty() ? "" : ReplicationPage.of(run));
    List<Sensitivity> varied = run.sensitivities();
    write(
        folder,
        "sensitivity.json",
        varied.isEmpty() ? "" : pretty(mapper, sensitivities(run, mapper)));
    write(folder, SensitivityPage.FILE, varied.isEmpty() ? "" : SensitivityPage.of(varied));
    write(
        folder,
        FaultsPage.FILE,
        run.falls().isEmpty() ? "" : FaultsPage.of(run.falls(), run.constructed(), run.untried()));
  }

  /**
   * Without a text, an earlier run's goes: it would stand beside this one's summary as if it were
   * of it.
   */
  private static void write(Path folder, String name, String text) throws IOException {
    if (text.isEmpty()) {
      Files.deleteIfExists(folder.resolve(name));
    } else {
      ReportFile.write(folder.resolve(name), text);
    }
  }

  private static String pretty(ObjectMapper mapper, ObjectNode json) throws IOException {
    return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
  }

  private static ObjectNode about(Run run, ObjectMapper mapper) {
    ObjectNode root = mapper.createObjectNode();
    ObjectNode facts = root.putObject("run");
    run.facts().forEach(facts::put);
    return root;
  }

  private static ObjectNode json(Run run, ObjectMapper mapper) {
    ObjectNode root = about(run, mapper);
    ArrayNode rows = root.putArray("verdicts");
    for (Verdict verdict : run.verdicts()) {
      ObjectNode row = rows.addObject();
      fields(verdict).forEach(row::put);
      ArrayNode source = row.putArray("source");
      verdict.claim().source().forEach(source::add);
      row.put("seconds", Math.rint(verdict.seconds() * 1000) / 1000);
    }
    return root;
  }

  private static ObjectNode replicas(Run run, ObjectMapper mapper) {
    ObjectNode root = about(run, mapper);
    ArrayNode rows = root.putArray("replicas");
    for (Replica replica : run.replicas()) {
      Claim claim = replica.claim();
      Assessment measured = replica.measured().orElse(Assessment.of(false, ""));
      rows.addObject()
          .put("claim", claim.id())
          .put("report", claim.report())
          .put("part", claim.part().orElse(""))
          .put("statement", replica.statement())
          .put("subject", replica.subject())
          .put("answer", replica.answer().words())
          .put("expected", claim.elsewhere().expectation().text())
          .put("measured", measured.measured())
          .put("unit", claim.elsewhere().unit().word())
          .put("interval", measured.interval())
          .put("seconds", Math.rint(replica.seconds() * 1000) / 1000)
          .put("losses", replica.source())
          .put("reason", replica.reason());
    }
    return root;
  }

  private static ObjectNode sensitivities(Run run, ObjectMapper mapper) {
    ObjectNode root = about(run, mapper);
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

  private static Map<String, String> fields(Verdict verdict) {
    Claim claim = verdict.claim();
    Assessment measured = verdict.measured().orElse(Assessment.of(false, ""));
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("claim", claim.id());
    fields.put("source", String.join(" ", claim.source()));
    fields.put("report", claim.report());
    fields.put("part", claim.part().orElse(""));
    fields.put("statement", claim.statement());
    fields.put("subject", claim.subject());
    fields.put("tier", claim.tier().word());
    fields.put("verdict", verdict.outcome().name());
    fields.put("grounds", verdict.grounds().map(Grounds::words).orElse(""));
    fields.put("expected", claim.expectation().text());
    fields.put("measured", measured.measured());
    fields.put("tolerance", measured.tolerance());
    fields.put("difference", measured.difference());
    fields.put("unit", claim.unit().word());
    fields.put("interval", measured.interval());
    fields.put("device", verdict.measured().isPresent() ? verdict.environment().device() : "");
    fields.put("seconds", String.format(Locale.ROOT, "%.3f", verdict.seconds()));
    fields.put("losses", verdict.lossSource());
    fields.put("reason", verdict.reasonAndRemedy());
    return fields;
  }

  private static String csv(Run run) {
    StringBuilder csv = new StringBuilder();
    for (Verdict verdict : run.verdicts()) {
      Map<String, String> fields = fields(verdict);
      if (csv.isEmpty()) {
        csv.append(String.join(",", fields.keySet())).append("\r\n");
      }
      csv.append(
              fields.values().stream().map(VerdictFiles::quoted).collect(Collectors.joining(",")))
          .append("\r\n");
    }
    return csv.toString();
  }

  // RFC 4180.
  private static String quoted(String value) {
    return value.matches("(?s).*[\",\r\n].*") ? "\"" + value.replace("\"", "\"\"") + "\"" : value;
  }
}
