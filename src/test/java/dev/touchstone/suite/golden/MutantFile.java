package dev.touchstone.suite.golden;

import dev.touchstone.suite.golden.GoldenFile.Text;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.yaml.snakeyaml.nodes.Node;

/** The rooms in whose code mistakes are made, and the mistakes that change nothing. */
public record MutantFile(List<Room> rooms) {
  private static final List<String> ROOM_KEYS = List.of("room", "tests", "helpers", "survivors");
  private static final List<String> SURVIVOR_KEYS = List.of("in", "line", "mutator", "because");

  /**
   * A package of {@code dev.touchstone} and what tests it.
   *
   * @param name without {@code dev.touchstone}
   * @param tests the classes that must notice a mistake, with {@code *} for any letters
   * @param helpers classes of the package that only tests use, in which none is made
   * @param survivors what no test can notice; empty where not every survivor is explained
   */
  public record Room(
      String name, List<String> tests, List<String> helpers, Optional<List<Survivor>> survivors) {
    public Room {
      tests = List.copyOf(tests);
      helpers = List.copyOf(helpers);
      survivors = survivors.map(List::copyOf);
    }
  }

  /**
   * A mistake that no test notices.
   *
   * @param in class and method, {@code HeadSet.check}
   * @param line of the source, without the space around it
   * @param mutator what PIT calls the sort of mistake, {@code ConditionalsBoundary}
   */
  public record Survivor(String in, String line, String mutator) {
    @Override
    public String toString() {
      return "%s in %s: %s".formatted(mutator, in, line);
    }
  }

  public MutantFile {
    rooms = List.copyOf(rooms);
  }

  /**
   * Reads the file.
   *
   * @throws GoldenException with every complaint about it
   */
  public static MutantFile read(Path file) {
    return GoldenFile.read(
        file,
        (source, root) -> {
          List<Room> rooms = new ArrayList<>();
          Fields.of(source, root, "the file", List.of("rooms"))
              .ifPresent(
                  top -> {
                    for (Node node : top.list("rooms")) {
                      Fields.of(source, node, "a room", ROOM_KEYS)
                          .flatMap(fields -> room(source, fields))
                          .ifPresent(rooms::add);
                    }
                  });
          return () -> new MutantFile(rooms);
        });
  }

  private static Optional<Room> room(GoldenFile source, Fields fields) {
    Optional<Text> name = fields.required("room", "statistics");
    List<String> tests = texts(source, fields, "tests");
    if (tests.isEmpty()) {
      source.complain(
          fields.place(), "a room needs tests; write for instance tests: [model.*Test]");
    }
    Optional<List<Survivor>> survivors =
        fields.has("survivors") ? Optional.of(survivors(source, fields)) : Optional.empty();
    return name.map(
        text -> new Room(text.value(), tests, texts(source, fields, "helpers"), survivors));
  }

  private static List<String> texts(GoldenFile source, Fields fields, String key) {
    return fields.list(key).stream()
        .flatMap(node -> source.text(node, "one of the " + key).stream())
        .map(Text::value)
        .toList();
  }

  private static List<Survivor> survivors(GoldenFile source, Fields fields) {
    List<Survivor> survivors = new ArrayList<>();
    for (Node node : fields.list("survivors")) {
      Fields.of(source, node, "a survivor", SURVIVOR_KEYS)
          .ifPresent(
              each -> {
                each.required("because", "both give 0");
                Optional<Text> in = each.required("in", "HeadSet.check");
                Optional<Text> line = each.required("line", "return 0;");
                Optional<Text> mutator = each.required("mutator", "ConditionalsBoundary");
                if (in.isPresent() && line.isPresent() && mutator.isPresent()) {
                  survivors.add(
                      new Survivor(in.get().value(), line.get().value(), mutator.get().value()));
                }
              });
    }
    return survivors;
  }
}
