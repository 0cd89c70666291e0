package dev.touchstone.suite.golden;

import dev.touchstone.suite.golden.GoldenFile.Text;
import dev.touchstone.suite.observation.Tier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.yaml.snakeyaml.nodes.Node;

/**
 * How long what a report needs of the reports' subject took to measure elsewhere.
 *
 * @param where the machine and the day
 */
public record PlanFile(String where, List<Part> parts) {
  private static final List<String> KEYS = List.of("report", "tier", "minutes");

  /** What a report's claims about so much text take. */
  public record Part(String report, Tier tier, int minutes) {}

  public PlanFile {
    parts = List.copyOf(parts);
  }

  /**
   * Reads the file.
   *
   * @throws GoldenException with every complaint about it
   */
  public static PlanFile read(Path file) {
    return GoldenFile.read(
        file,
        (source, root) -> {
          List<Part> parts = new ArrayList<>();
          Optional<Fields> top = Fields.of(source, root, "the file", List.of("where", "parts"));
          Optional<Text> where =
              top.flatMap(fields -> fields.required("where", "2 cores, 2026-11-26"));
          for (Node node : top.map(fields -> fields.list("parts")).orElse(List.of())) {
            Fields.of(source, node, "a part", KEYS).flatMap(PlanFile::part).ifPresent(parts::add);
          }
          return () -> new PlanFile(where.orElseThrow().value(), parts);
        });
  }

  private static Optional<Part> part(Fields fields) {
    Optional<Text> report = fields.required("report", "exp06");
    fields.required("tier", "full");
    Optional<Tier> tier = fields.word("tier", Tier::of, Tier.words());
    fields.required("minutes", "40");
    Optional<Integer> minutes = fields.value("minutes", Integer::valueOf);
    return report.isPresent() && tier.isPresent() && minutes.isPresent()
        ? Optional.of(new Part(report.get().value(), tier.get(), minutes.get()))
        : Optional.empty();
  }

  /** The minutes of a report's claims about so much text; empty where nobody counted them. */
  public Optional<Integer> minutes(String report, Tier tier) {
    return parts.stream()
        .filter(part -> part.report().equals(report) && part.tier() == tier)
        .map(Part::minutes)
        .findFirst();
  }
}
