package dev.touchstone.suite.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.touchstone.corpus.Published;
import dev.touchstone.runtime.AtomicFile;
import dev.touchstone.runtime.Sha256;
import dev.touchstone.suite.verdict.Identity;
import dev.touchstone.suite.verdict.Outcome;
import dev.touchstone.suite.verdict.RunFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A run as an RO-Crate: {@code ro-crate-metadata.json} beside the run's files says what they are,
 * what they were made of and with what, and has the hash of each, so that the folder can be
 * archived as it lies there. It is a Process Run Crate, which tells of one tool that ran; a
 * Workflow Run Crate tells of a workflow of tools, which a build of one test suite is not.
 *
 * <p>Maven has it written once Allure's page is there. What is said of the run stands in {@code
 * verdicts.json}; a file that is older than the run is an earlier one's and is not mentioned.
 *
 * @see <a href="https://w3id.org/ro/wfrun/process/0.5">Process Run Crate 0.5</a>
 * @see <a href="https://w3id.org/ro/crate/1.1">RO-Crate 1.1</a>
 */
public final class Crate {
  static final String FILE = "ro-crate-metadata.json";

  private static final String VERDICTS = "verdicts.json";
  private static final String ABOUT_FILES = "README.md";
  private static final String SPECIFICATION = "https://w3id.org/ro/crate/1.1";
  private static final String PROFILE = "https://w3id.org/ro/wfrun/process/0.5";
  private static final String LICENSE = "https://www.apache.org/licenses/LICENSE-2.0";
  private static final String SOFTWARE = "#touchstone";

  /** What a run reads of the repository, but for pages about it. */
  private static final List<String> INPUTS =
      List.of(
          "golden/claims",
          "golden/corpus",
          "golden/faults.yaml",
          "golden/ledger.yaml",
          "golden/slack.yaml",
          "golden/subjects",
          "pom.xml");

  private static final Map<String, String> FORMATS =
      Map.of(
          "csv", "text/csv",
          "html", "text/html",
          "json", "application/json",
          "md", "text/markdown",
          "png", "image/png",
          "txt", "text/plain",
          "xml", "application/xml",
          "yaml", "application/yaml",
          "zip", "application/zip");

  /** With the offset in digits, as the profile wants it. */
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ssxxx").withZone(ZoneOffset.UTC);

  private final ObjectNode metadata = new ObjectMapper().createObjectNode();
  private final ArrayNode graph;
  private final ObjectNode dataset;
  private final ObjectNode action;

  /**
   * The build that the run was a part of.
   *
   * @param started when Maven began
   * @param version of Touchstone
   * @param djl the version of DJL
   * @param settings what was asked for, by name; empty where nothing was
   */
  record Build(Instant started, String version, String djl, Map<String, String> settings) {}

  private Crate(String run) {
    ArrayNode context = metadata.putArray("@context").add(SPECIFICATION + "/context");
    context.addObject().put("sha256", "https://w3id.org/ro/terms/workflow-run#sha256");
    graph = metadata.putArray("@graph");
    ObjectNode descriptor = entity(FILE, "CreativeWork", "Description of this folder");
    is(descriptor, "conformsTo", SPECIFICATION);
    is(descriptor, "about", "./");
    dataset = entity("./", "Dataset", "Touchstone's verdicts");
    action = entity(run, "CreateAction", "A run of Touchstone");
    is(dataset, "conformsTo", PROFILE);
    is(dataset, "license", LICENSE);
    is(dataset, "mentions", run);
    is(action, "instrument", SOFTWARE);
    is(action, "actionStatus", "http://schema.org/CompletedActionStatus");
    entity(PROFILE, "CreativeWork", "Process Run Crate").put("version", "0.5");
    entity(LICENSE, "CreativeWork", "Apache License 2.0")
        .put(
            "description", "Whoever keeps its notices may use, change and pass on what it covers.");
  }

  /**
   * Describes what a build left: the folder of reports, the repository's, when the build began,
   * Touchstone's version, DJL's, and settings as {@code name=value}.
   */
  public static void main(String[] args) throws IOException {
    Map<String, String> settings = new LinkedHashMap<>();
    for (String setting : Arrays.asList(args).subList(5, args.length)) {
      String[] nameAndValue = setting.split("=", 2);
      settings.put(nameAndValue[0], nameAndValue[1]);
    }
    write(
        Path.of(args[0]),
        Path.of(args[1]),
        new Build(Instant.parse(args[2]), args[3], args[4], settings));
  }

  /**
   * Describes a folder of reports in itself, unless the build judged no claim and what lies there
   * is an earlier run's.
   *
   * @throws IOException when a file cannot be read or the folder cannot be written
   */
  static void write(Path reports, Path repository, Build build) throws IOException {
    Path verdicts = reports.resolve(VERDICTS);
    ObjectMapper mapper = new ObjectMapper();
    JsonNode run =
        Files.exists(verdicts) ? mapper.readTree(verdicts.toFile()) : mapper.missingNode();
    Instant started = Instant.parse(run.at("/run/started").asText(Instant.EPOCH.toString()));
    if (started.isBefore(build.started())) {
      System.out.println("No RO-Crate was written, since this build judged no claim.");
      return;
    }
    Crate crate = new Crate("urn:uuid:" + UUID.nameUUIDFromBytes(Files.readAllBytes(verdicts)));
    Instant ended = crate.addResults(reports, started);
    crate.addInputs(repository, started);
    crate.addRun(run, build);
    crate.dataset.put("datePublished", TIME.format(ended));
    crate.action.put("startTime", TIME.format(started)).put("endTime", TIME.format(ended));
    AtomicFile.write(
        reports.resolve(FILE),
        mapper.writerWithDefaultPrettyPrinter().writeValueAsString(crate.metadata) + "\n");
  }

  /** Returns when the last of them was written. */
  private Instant addResults(Path reports, Instant started) throws IOException {
    Instant ended = started;
    for (Map.Entry<String, Path> each : files(reports, reports).entrySet()) {
      String path = each.getKey();
      Instant written = written(each.getValue());
      boolean result = !written.isBefore(started);
      if (path.equals(FILE)
          || path.matches("(allure|check)-results/.*")
          || !result && !path.equals(ABOUT_FILES)) {
        continue;
      }
      file(path, path, Files.size(each.getValue()), Sha256.of(each.getValue()));
      has(dataset, "hasPart", path);
      if (result) {
        has(action, "result", path);
        ended = written.isAfter(ended) ? written : ended;
      }
    }
    return ended;
  }

  private void addInputs(Path repository, Instant started) throws IOException {
    for (String input : INPUTS) {
      for (Map.Entry<String, Path> each : files(repository, repository.resolve(input)).entrySet()) {
        String path = each.getKey();
        if (path.endsWith(".md")) {
          continue;
        }
        // Not a path of this folder, but a name in this description.
        String id = "#" + path;
        Path file = each.getValue();
        if (written(file).isBefore(started)) {
          file(id, path, Files.size(file), Sha256.of(file));
        } else {
          entity(id, "File", path)
              .put("description", "Changed since the run began, so what it read is not known.");
        }
        has(action, "object", id);
      }
    }
  }

  private void addRun(JsonNode run, Build build) throws IOException {
    Map<String, String> facts = facts(run);
    facts.remove("started");
    build.settings().forEach(facts::putIfAbsent);
    facts.values().removeIf(String::isEmpty);

    ObjectNode software =
        entity(SOFTWARE, "SoftwareApplication", "Touchstone")
            .put(
                "softwareVersion",
                Stream.of(build.version(), facts.getOrDefault("commit", ""))
                    .filter(part -> !part.isEmpty())
                    .collect(Collectors.joining(", commit ")));
    is(software, "license", LICENSE);
    requirement(software, "Java", "https://openjdk.org/", facts.remove("java"));
    requirement(software, "Deep Java Library", "https://djl.ai/", build.djl());
    String engine = facts.remove("engine");
    if (engine != null) {
      requirement(software, "PyTorch", "https://pytorch.org/", engine.replaceFirst(".* ", ""));
    }

    List<JsonNode> rows = new ArrayList<>();
    run.get("verdicts").forEach(rows::add);
    if (Published.gpt2().sha256().equals(facts.get("subject gpt2"))) {
      published("GPT-2 small", Published.gpt2());
    }
    if (rows.stream().anyMatch(Crate::readsWikiText)) {
      published("WikiText-2", Published.wikiText());
    }
    facts.forEach(
        (name, value) -> value(name.endsWith("in this run") ? "result" : "object", name, value));

    Map<Outcome, Long> counts =
        rows.stream()
            .collect(
                Collectors.groupingBy(
                    row -> Outcome.valueOf(row.get("verdict").asText()),
                    TreeMap::new,
                    Collectors.counting()));
    counts.forEach((outcome, count) -> value("result", "claims " + outcome, count.toString()));
    String found =
        counts.entrySet().stream()
            .map(count -> count.getValue() + " " + count.getKey())
            .collect(Collectors.joining(", "));
    dataset.put(
        "description",
        "What became of %d claims of research reports on attention ablation: %s."
            .formatted(rows.size(), found));
    action.put("description", "The claims were held against the models they were made of.");
  }

  /** What the run says of itself, by name. */
  private static Map<String, String> facts(JsonNode run) throws IOException {
    Identity identity = RunFormat.identity(run);
    Map<String, String> facts = identity.facts();
    facts.remove("took");
    if (identity.revision().isEmpty()) {
      facts.remove("commit");
    }
    return facts;
  }

  /** Whether a claim was measured on the text itself or on GPT-2 running over it. */
  private static boolean readsWikiText(JsonNode row) {
    String subject = row.get("subject").asText();
    boolean overText = subject.equals("gpt2") && !row.get("tier").asText().equals("none");
    return (subject.equals("corpus") || overText) && !row.get("measured").asText().isEmpty();
  }

  private void published(String name, Published file) {
    String address = file.address().toString();
    file(address, name, file.bytes(), file.sha256());
    has(dataset, "hasPart", address);
    has(action, "object", address);
  }

  private void requirement(ObjectNode of, String name, String url, String version) {
    entity(url, "SoftwareApplication", name).put("url", url).put("softwareVersion", version);
    has(of, "softwareRequirements", url);
  }

  private void value(String property, String name, String value) {
    String id = "#" + name.replaceAll("\\W+", "-");
    entity(id, "PropertyValue", name).put("value", value);
    has(action, property, id);
  }

  private void file(String id, String name, long bytes, String sha256) {
    String extension = id.substring(id.lastIndexOf('.') + 1);
    entity(id, "File", name)
        .put("encodingFormat", FORMATS.getOrDefault(extension, "application/octet-stream"))
        .put("contentSize", Long.toString(bytes))
        .put("sha256", sha256);
  }

  private ObjectNode entity(String id, String type, String name) {
    return graph.addObject().put("@id", id).put("@type", type).put("name", name);
  }

  private static void is(ObjectNode entity, String property, String id) {
    entity.putObject(property).put("@id", id);
  }

  private static void has(ObjectNode entity, String property, String id) {
    entity.withArray(property).addObject().put("@id", id);
  }

  /** A file, or all below a folder, by the path from a base as an address has it. */
  private static SortedMap<String, Path> files(Path base, Path folder) throws IOException {
    SortedMap<String, Path> files = new TreeMap<>();
    try (Stream<Path> below = Files.walk(folder)) {
      below
          .filter(Files::isRegularFile)
          .forEach(file -> files.put(base.toUri().relativize(file.toUri()).getRawPath(), file));
    }
    return files;
  }

  private static Instant written(Path file) throws IOException {
    return Files.getLastModifiedTime(file).toInstant();
  }
}
