package dev.touchstone.suite.golden;

import dev.touchstone.suite.golden.GoldenFile.Text;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.nodes.Node;

/**
 * The faults under which claims must fall, and what is left without one.
 *
 * @param uncovered beginnings of nano144's observables that no fault is tried on, and why
 */
public record FaultFile(List<Fault> faults, Map<String, String> uncovered) {
  private static final List<String> FAULT_KEYS =
      List.of("id", "says", "file", "replace", "by", "refutes", "moves");

  public FaultFile {
    faults = List.copyOf(faults);
  }

  /**
   * Reads the file.
   *
   * @throws GoldenException with every complaint about it, an unknown claim among them
   */
  public static FaultFile read(Path file, ClaimCatalog catalog) {
    return GoldenFile.read(
        file,
        (source, root) -> {
          List<Fault> faults = new ArrayList<>();
          Map<String, String> uncovered = new LinkedHashMap<>();
          Fields.of(source, root, "the file", List.of("faults", "uncovered"))
              .ifPresent(
                  top -> {
                    for (Node node : top.list("faults")) {
                      Fields.of(source, node, "a fault", FAULT_KEYS)
                          .flatMap(fields -> fault(source, fields, catalog))
                          .ifPresent(faults::add);
                    }
                    for (Node node : top.list("uncovered")) {
                      uncovered(source, node, uncovered);
                    }
                  });
          return () -> new FaultFile(faults, uncovered);
        });
  }

  private static Optional<Fault> fault(GoldenFile source, Fields fields, ClaimCatalog catalog) {
    Optional<Text> id = fields.required("id", "half-silenced");
    Optional<Text> says = fields.required("says", "a silenced head keeps half of its output");
    Optional<Text> file = fields.required("file", "intervention/ZeroAblation.java");
    Optional<Text> replace = fields.required("replace", "= 0;");
    Optional<Text> by = fields.required("by", "= 0.5f;");
    List<String> refutes = claims(source, fields, "refutes", catalog);
    List<String> moves = claims(source, fields, "moves", catalog);
    if (refutes.isEmpty() && moves.isEmpty()) {
      source.complain(fields.place(), "a fault needs a claim that it refutes or moves");
    }
    if (id.isEmpty() || says.isEmpty() || file.isEmpty() || replace.isEmpty() || by.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Fault(
            id.get().value(),
            says.get().value(),
            file.get().value(),
            replace.get().value(),
            by.get().value(),
            refutes,
            moves,
            fields.place()));
  }

  private static List<String> claims(
      GoldenFile source, Fields fields, String key, ClaimCatalog catalog) {
    List<String> ids = new ArrayList<>();
    for (Node node : fields.list(key)) {
      source
          .text(node, "a claim")
          .ifPresent(
              text -> {
                catalog.require(source, text);
                ids.add(text.value());
              });
    }
    return ids;
  }

  private static void uncovered(GoldenFile source, Node node, Map<String, String> uncovered) {
    Fields.of(source, node, "what is uncovered", List.of("observables", "because"))
        .ifPresent(
            fields -> {
              Optional<Text> because = fields.required("because", "it takes minutes");
              for (Node observable : fields.list("observables")) {
                source
                    .text(observable, "an observable")
                    .ifPresent(
                        text ->
                            because.ifPresent(
                                reason -> uncovered.put(text.value(), reason.value())));
              }
            });
  }

  /** Why no fault is tried on an observable; empty where one is. */
  public Optional<String> reason(String observable) {
    return uncovered.entrySet().stream()
        .filter(entry -> observable.startsWith(entry.getKey()))
        .map(Map.Entry::getValue)
        .findFirst();
  }
}
