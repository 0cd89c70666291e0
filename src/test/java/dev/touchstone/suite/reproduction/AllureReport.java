package dev.touchstone.suite.reproduction;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.touchstone.suite.claim.Assessment;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.verdict.Grounds;
import dev.touchstone.suite.verdict.Ledger.Standing;
import dev.touchstone.suite.verdict.OtherSubject;
import dev.touchstone.suite.verdict.Replica;
import dev.touchstone.suite.verdict.Run;
import dev.touchstone.suite.verdict.Verdict;
import io.qameta.allure.Allure;
import io.qameta.allure.model.Label;
import io.qameta.allure.model.Parameter;
import io.qameta.allure.model.StatusDetails;
import io.qameta.allure.util.PropertiesUtils;
import io.qameta.allure.util.ResultsUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What Allure shows of a verdict and of a run. The verdict opens the status message of its test,
 * whether the test passed or not, and the categories match on it: so a refutation that the ledger
 * knows is found among the refutations although its test passes.
 */
final class AllureReport {
  /** How the message of an audit's test begins, as AssertJ writes a description. */
  static final String AUDIT = "[audit] ";

  private static final List<Category> CATEGORIES =
      List.of(
          new Category("REPRODUCED by construction", "REPRODUCED, by construction.*"),
          new Category("REFUTED by measurement", "REFUTED.*"),
          new Category("INCONSISTENT with printed figures", "INCONSISTENT.*"),
          new Category("INCONSISTENT, by the audit alone", "\\[audit] INCONSISTENT.*"),
          new Category("NOT_EVALUATED here", "NOT_EVALUATED.*"),
          new Category("HARDWARE_BOUND, shown only", "HARDWARE_BOUND.*"));

  /** What Allure gathers under a name: the tests whose status message matches. */
  private record Category(String name, String message) {
    /** The answers of another subject. */
    static Stream<Category> of(OtherSubject subject) {
      String name = subject.name();
      String prefix = "\\[" + name + "] ";
      return Stream.of(
          new Category(name + " shows it too", prefix + "shows it.*"),
          new Category(name + " does not show it", prefix + "does not show it.*"),
          new Category(name + "'s figure beside GPT-2's", prefix + "(figure|no counter).*"),
          new Category("true of " + name + " by construction", prefix + "by construction.*"),
          new Category("not observed on " + name, prefix + "not observed.*"));
    }
  }

  private AllureReport() {}

  /** Describes the running test by its verdict. */
  static void tell(Verdict verdict, Standing standing) {
    tell(verdict, standing, "", verdict.word(), verdict.reasonAndRemedy());
  }

  /** Describes the running test by what the audit alone says. */
  static void tellAudit(Verdict verdict, Standing standing) {
    String finding = verdict.audit().isContradiction() ? "INCONSISTENT" : "CONSISTENT";
    tell(verdict, standing, AUDIT, finding, verdict.audit().account());
  }

  /** Describes the running test by what another subject shows of a claim, which is no verdict. */
  static void tell(Replica replica) {
    Claim claim = replica.claim();
    String subject = replica.subject().name();
    String prefix = "[" + subject + "] ";
    List<Label> labels =
        List.of(
            ResultsUtils.createEpicLabel("What " + subject + " shows too"),
            ResultsUtils.createFeatureLabel(
                claim.report() + claim.part().map(part -> " " + part).orElse("")),
            ResultsUtils.createStoryLabel(claim.id() + " " + replica.statement().text()),
            ResultsUtils.createTagLabel(replica.answer().words()));
    Map<String, String> shown = new LinkedHashMap<>();
    shown.put("answer", replica.answer().words());
    shown.put("expected of GPT-2", replica.statement().expectation().text());
    shown.put("measured", replica.measured().map(Assessment::measured).orElse(""));
    shown.put("interval", replica.measured().map(Assessment::interval).orElse(""));
    shown.put("unit", replica.statement().unit().word());
    shown.put("losses", replica.source());
    shown.put("subject", subject);
    Allure.getLifecycle()
        .updateTestCase(
            result -> {
              result.getLabels().addAll(labels);
              result
                  .setName(prefix + claim.report() + ": " + replica.statement().text())
                  .setHistoryId(prefix + claim.id())
                  .setTestCaseId(prefix + claim.id())
                  .setParameters(parameters(shown))
                  .setDescription("Information about generality, no verdict on the report.")
                  .setStatusDetails(
                      new StatusDetails()
                          .setMessage(prefix + replica.answer().words() + ". " + replica.reason()));
            });
  }

  private static void tell(
      Verdict verdict, Standing standing, String prefix, String word, String why) {
    Claim claim = verdict.claim();
    List<Label> labels =
        List.of(
            ResultsUtils.createEpicLabel(claim.report()),
            ResultsUtils.createFeatureLabel(claim.part().orElse("whole report")),
            ResultsUtils.createStoryLabel(claim.id() + " " + claim.statement().text()),
            ResultsUtils.createSeverityLabel(claim.severity().word()),
            ResultsUtils.createTagLabel(word));
    boolean known = standing instanceof Standing.Known;
    String message = prefix + word + (known ? ", as the ledger knows. " : ". ") + why;
    Allure.getLifecycle()
        .updateTestCase(
            result -> {
              result.getLabels().addAll(labels);
              result
                  .setName(prefix + claim.displayName())
                  .setHistoryId(prefix + claim.id())
                  .setTestCaseId(prefix + claim.id())
                  .setParameters(parameters(verdict))
                  .setDescription(description(claim, standing))
                  .setStatusDetails(new StatusDetails().setMessage(message).setKnown(known));
            });
    Allure.addAttachment("Account of the verdict", "text/plain", verdict.account(), "txt");
  }

  private static List<Parameter> parameters(Verdict verdict) {
    Map<String, String> shown = new LinkedHashMap<>();
    shown.put("expected", verdict.claim().statement().expectation().text());
    shown.put("measured", verdict.measured().map(Assessment::measured).orElse(""));
    shown.put("difference", verdict.measured().map(Assessment::difference).orElse(""));
    shown.put("tolerance", verdict.measured().map(Assessment::tolerance).orElse(""));
    shown.put("interval", verdict.measured().map(Assessment::interval).orElse(""));
    shown.put("unit", verdict.claim().statement().unit().word());
    shown.put("subject", verdict.claim().subject());
    shown.put("grounds", verdict.grounds().map(Grounds::words).orElse(""));
    shown.put("losses", verdict.lossSource());
    shown.put("tier", verdict.claim().statement().tier().word());
    shown.put("source", String.join(", ", verdict.claim().source()));
    return parameters(shown);
  }

  private static List<Parameter> parameters(Map<String, String> shown) {
    return shown.entrySet().stream()
        .filter(entry -> !entry.getValue().isEmpty())
        .map(entry -> ResultsUtils.createParameter(entry.getKey(), entry.getValue()))
        // A list Allure goes on adding to.
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private static String description(Claim claim, Standing standing) {
    String ledger =
        standing instanceof Standing.Known known
            ? "Known since %s: %s.\n\n".formatted(known.entry().date(), known.entry().reason())
            : standing instanceof Standing.Conflict conflict ? conflict.sentence() + "\n\n" : "";
    return "%sTranscribed at %s.".formatted(ledger, claim.place());
  }

  /** Gathers verdicts of a kind; said first, so that a run cut short shows them too. */
  static void categorize(List<OtherSubject> others) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    mapper.writeValue(results().resolve("categories.json").toFile(), categories(mapper, others));
    mapper.writeValue(
        results().resolve("executor.json").toFile(),
        Map.of("name", "Maven", "type", "maven", "buildName", "Touchstone"));
  }

  /** Describes the run, for the report's first page. */
  static void describe(Run run) throws IOException {
    Files.writeString(results().resolve("environment.properties"), environment(run));
  }

  private static Path results() throws IOException {
    Properties configured = PropertiesUtils.loadAllureProperties();
    return Files.createDirectories(
        Path.of(configured.getProperty("allure.results.directory", "allure-results")));
  }

  private static ArrayNode categories(ObjectMapper mapper, List<OtherSubject> others) {
    ArrayNode categories = mapper.createArrayNode();
    Stream.concat(CATEGORIES.stream(), others.stream().flatMap(Category::of))
        .forEach(
            category ->
                categories
                    .addObject()
                    .put("name", category.name())
                    .put("messageRegex", "(?s)" + category.message()));
    return categories;
  }

  /** How a report's reproduced claims were reached; empty where there are none. */
  private static String grounds(Run run, String report) {
    String grounds =
        run.reproduced(Optional.of(report)).entrySet().stream()
            .map(entry -> entry.getValue() + " " + entry.getKey().words())
            .collect(Collectors.joining(", "));
    return grounds.isEmpty() ? "" : "; REPRODUCED: " + grounds;
  }

  private static String environment(Run run) {
    Map<String, String> rows = new LinkedHashMap<>();
    run.counts()
        .forEach(
            (report, counts) ->
                rows.put(
                    report,
                    counts.entrySet().stream()
                            .map(entry -> entry.getValue() + " " + entry.getKey())
                            .collect(Collectors.joining(", "))
                        + grounds(run, report)));
    run.verdicts().stream()
        .filter(verdict -> verdict.outcome().isNegative())
        .forEach(
            verdict ->
                rows.put(
                    verdict.outcome() + " " + verdict.claim().id(),
                    verdict.claim().statement().text()));
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
