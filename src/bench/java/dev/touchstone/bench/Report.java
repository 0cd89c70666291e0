package dev.touchstone.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.touchstone.laboratory.Subject;
import dev.touchstone.runtime.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a run found, for tools and as a table for readers.
 *
 * @param peer what TransformerLens says of itself, where it was measured
 */
record Report(Settings settings, Subject subject, Optional<JsonNode> peer, Figures figures) {
  private static final String NOT_MEASURED = "not measured";

  /** A line of the table: what, and the figures that say how fast. */
  private record Row(String what, List<String> names) {
    Row(String what, String... names) {
      this(what, List.of(names));
    }
  }

  /** Writes the file and prints the table. */
  void write(Path file) throws IOException {
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    Machine machine = Machine.of(subject.compute());
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("date", now.toString());
    json.put("commit", commit().orElse("unknown"));
    json.put("machine", machine);
    json.put("checkpoint", Map.of("sha256", subject.sha256(), "shape", subject.config()));
    json.put(
        "sweep",
        settings.extent() == Extent.FULL
            ? "every head"
            : "a sample: one head of each layer, which stands for all");
    json.put("chunks", settings.chunks());
    json.put("windows", settings.windows());
    json.put("rounds", settings.rounds());
    json.put("transformer_lens", peer.<Object>map(each -> each).orElse(NOT_MEASURED));
    json.put("figures", figures.byName());
    json.put(
        "not_measured",
        rows().flatMap(row -> row.names().stream()).filter(name -> !figures.has(name)).toList());
    byte[] text = new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
    AtomicFile.write(file, text);
    System.out.printf("%n%s%n%s: %s%n", table(now, machine), "all of it", file);
  }

  private String table(Instant now, Machine machine) {
    return rows()
        .map(
            row ->
                "| %s | %s |"
                    .formatted(
                        row.what(),
                        row.names().stream().map(this::shown).collect(Collectors.joining(", "))))
        .collect(
            Collectors.joining(
                "\n",
                "Measured %s at %s on %s.%n%n| what | measured |%n| --- | --- |%n"
                    .formatted(
                        now.toString().substring(0, 10),
                        commit().orElse("an unknown commit"),
                        machine.shown()),
                "\n"));
  }

  private String shown(String name) {
    return figures.has(name) ? figures.byName().get(name).toString() : NOT_MEASURED;
  }

  private Stream<Row> rows() {
    String chunks = " over " + settings.chunks() + " chunks of " + subject.config().context();
    return Stream.of(
        new Row("the machine's peak, a matrix product of 2048 x 768 x 3072", "matrix-product/peak"),
        new Row("a block" + chunks, "block/seconds", "block/rate", "block/share"),
        new Row("unembedding and loss" + chunks, "loss/seconds", "loss/rate", "loss/share"),
        new Row(
            (settings.extent() == Extent.FULL
                    ? "a sweep of 144 heads zeroed, 144 at their mean, 132 under ReLU,"
                    : "a sample of the sweep, one head of each layer,")
                + chunks,
            "sweep/seconds",
            "sweep/pass",
            "sweep/rate",
            "sweep/share"),
        new Row("memory of the sweep, at most", "memory/peak", "memory/growth"),
        new Row("generation with kept keys and values", "generation/cached/baseline"),
        new Row("generation anew for each token", "generation/anew/baseline"),
        new Row("all principal components of 12 000 x 768", "pca"),
        new Row("Touchstone on a sample of the sweep", Comparison.OURS),
        new Row(
            "TransformerLens, as it is installed",
            Comparison.INSTALLED,
            Comparison.INSTALLED + Comparison.RATIO),
        new Row(
            "TransformerLens with the same allocator settings",
            Comparison.ALLOCATOR,
            Comparison.ALLOCATOR + Comparison.RATIO));
  }

  /** As Git names what is checked out, where there is Git. */
  private static Optional<String> commit() {
    try {
      Process git = new ProcessBuilder("git", "describe", "--always", "--dirty").start();
      String named =
          new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return Optional.of(named).filter(name -> !name.isEmpty());
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
