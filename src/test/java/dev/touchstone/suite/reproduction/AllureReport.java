package dev.touchstone.suite.reproduction;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.touchstone.runtime.AtomicFile;
import dev.touchstone.suite.page.ClaimDescription;
import dev.touchstone.suite.page.ClaimPage;
import dev.touchstone.suite.page.ClaimPages;
import dev.touchstone.suite.verdict.Change;
import dev.touchstone.suite.verdict.Ledger;
import dev.touchstone.suite.verdict.Outcome;
import dev.touchstone.suite.verdict.Run;
import io.qameta.allure.FileSystemResultsWriter;
import io.qameta.allure.model.Label;
import io.qameta.allure.model.Stage;
import io.qameta.allure.model.Status;
import io.qameta.allure.model.StatusDetails;
import io.qameta.allure.model.TestResult;
import io.qameta.allure.util.ResultsUtils;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * The claims of a run for Allure, each once, with everything known about it. Allure's five statuses
 * stand for the five verdicts, so that its pie is that of verdicts.
 */
final class AllureReport {
  private static final String CONFLICT = "Fails the build: not what the ledger knows";

  private AllureReport() {}

  /** The status that stands for a verdict. */
  static Status status(Outcome outcome) {
    return switch (outcome) {
      case REPRODUCED -> Status.PASSED;
      case REFUTED -> Status.FAILED;
      case INCONSISTENT -> Status.BROKEN;
      case NOT_EVALUATED -> Status.SKIPPED;
      // Allure has it for what has no status, and shows it in a colour of its own.
      case HARDWARE_BOUND -> null;
    };
  }

  /**
   * Writes what Allure makes its report of.
   *
   * @param folder where Allure looks for it
   */
  static void write(Run run, Ledger ledger, Path folder) throws IOException {
    for (ClaimPage claim : ClaimPages.of(run, ledger).values()) {
      write(run, claim, folder);
    }
    ObjectMapper mapper = new ObjectMapper();
    AtomicFile.write(
        folder.resolve("categories.json"), mapper.writeValueAsString(categories(mapper)));
    AtomicFile.write(
        folder.resolve("executor.json"),
        mapper.writeValueAsString(
            Map.of("name", "Maven", "type", "maven", "buildName", "Touchstone")));
    AtomicFile.write(folder.resolve("environment.properties"), environment(run));
  }

  /** Writes a claim as far as it is known, so that a run cut short shows it too. */
  static void write(Run run, ClaimPage claim, Path folder) throws IOException {
    Files.createDirectories(folder);
    TestResult result = result(claim, run.catalog().titles().get(claim.report()));
    Files.deleteIfExists(folder.resolve(result.getUuid() + "-result.json"));
    new FileSystemResultsWriter(folder).write(result);
  }

  private static TestResult result(ClaimPage claim, String title) {
    List<Label> labels =
        new ArrayList<>(
            List.of(
                ResultsUtils.createEpicLabel(claim.report() + ": " + title),
                ResultsUtils.createFeatureLabel(
                    claim.part().isEmpty() ? "whole report" : claim.part()),
                ResultsUtils.createParentSuiteLabel(words(claim.outcome())),
                ResultsUtils.createSuiteLabel(claim.report()),
                ResultsUtils.createSeverityLabel(claim.severity()),
                ResultsUtils.createTagLabel(claim.word())));
    long now = System.currentTimeMillis();
    return new TestResult()
        .setUuid(UUID.nameUUIDFromBytes(claim.id().getBytes(StandardCharsets.UTF_8)).toString())
        .setHistoryId(claim.id())
        .setTestCaseId(claim.id())
        .setFullName(claim.id())
        .setName(claim.name())
        .setLabels(labels)
        .setStage(Stage.FINISHED)
        .setStatus(status(claim.outcome()))
        .setStatusDetails(
            new StatusDetails()
                .setMessage(
                    "%s%s. %s"
                        .formatted(
                            claim.conflict() ? CONFLICT + ". " : "",
                            words(claim),
                            claim.sentence())))
        .setDescriptionHtml(ClaimDescription.of(claim))
        .setStart(now - Math.round(1000 * claim.seconds()))
        .setStop(now);
  }

  private static String words(ClaimPage claim) {
    return claim.word().replace('_', ' ');
  }

  private static String words(Outcome outcome) {
    return outcome.name().replace('_', ' ');
  }

  private static ArrayNode categories(ObjectMapper mapper) {
    ArrayNode categories = mapper.createArrayNode();
    Map<String, String> byName = new LinkedHashMap<>();
    byName.put(CONFLICT, CONFLICT + ".*");
    byName.put("REFUTED by measurement", "REFUTED.*");
    byName.put("INCONSISTENT with printed figures", "INCONSISTENT.*");
    byName.put("NOT EVALUATED here", "NOT EVALUATED.*");
    byName.put("HARDWARE BOUND, shown only", "HARDWARE BOUND.*");
    byName.put("REPRODUCED by construction", "REPRODUCED, by construction.*");
    byName.forEach(
        (name, message) ->
            categories.addObject().put("name", name).put("messageRegex", "(?s)" + message));
    return categories;
  }

  /** How a report's reproduced claims were reached; empty where there are none. */
  private static String grounds(Run run, String report) {
    String grounds = run.reproducedInWords(Optional.of(report));
    return grounds.isEmpty() ? "" : "; REPRODUCED: " + grounds;
  }

  private static String environment(Run run) {
    Map<String, String> rows = new LinkedHashMap<>();
    for (Outcome outcome : Outcome.values()) {
      Status status = status(outcome);
      rows.put(
          words(outcome),
          "shown as %s: %d"
              .formatted(
                  status == null ? "unknown" : status.value(),
                  run.total().getOrDefault(outcome, 0L)));
    }
    run.baseline()
        .ifPresent(
            earlier ->
                rows.put(
                    "changed since " + earlier.words(),
                    run.changes().stream().map(Change::sentence).collect(Collectors.joining(" "))));
    run.counts()
        .forEach(
            (report, counts) ->
                rows.put(
                    report,
                    counts.entrySet().stream()
                            .map(entry -> entry.getValue() + " " + words(entry.getKey()))
                            .collect(Collectors.joining(", "))
                        + grounds(run, report)));
    run.waiting()
        .forEach((command, verdicts) -> rows.put(command, "adds " + verdicts.size() + " claims"));
    rows.putAll(run.facts());
    return rows.entrySet().stream()
        .map(entry -> escaped(entry.getKey(), true) + "=" + escaped(entry.getValue(), false))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  /** As java.util.Properties reads it. */
  private static String escaped(String text, boolean key) {
    StringBuilder escaped = new StringBuilder();
    for (char c : text.toCharArray()) {
      if (c == '\\' || key && (c == ' ' || c == ':' || c == '=')) {
        escaped.append('\\').append(c);
      } else if (c < 32 || c > 126) {
        escaped.append("\\u%04x".formatted((int) c));
      } else {
        escaped.append(c);
      }
    }
    return escaped.toString();
  }
}
