package dev.touchstone.suite.reproduction;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.touchstone.model.Checkpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an oracle recorded in a JSON file of {@code golden/oracle}; places in it are JSON pointers.
 */
public record Recorded(Path file, JsonNode root) {
  private static final Path ORACLE = Path.of("golden/oracle");

  /** The record in a file below {@code golden/oracle}. */
  public static Recorded in(String file) {
    Path path = ORACLE.resolve(file);
    try {
      return new Recorded(path, new ObjectMapper().readTree(path.toFile()));
    } catch (IOException e) {
      throw new UncheckedIOException("the oracle's record " + path + " cannot be read", e);
    }
  }

  /** What an {@link AgreesWith} names, for readers: a file with its folder, or else its words. */
  static String named(String what) {
    Path path = ORACLE.resolve(what);
    return Files.exists(path) ? path.toString() : what;
  }

  /** The file of arrays beside it. */
  public Checkpoint arrays(String name) {
    return Checkpoint.open(file.resolveSibling(name));
  }

  /**
   * What stands at a place.
   *
   * @throws IllegalArgumentException when nothing does
   */
  public JsonNode at(String place) {
    JsonNode node = root.at(place);
    if (node.isMissingNode()) {
      throw new IllegalArgumentException(file + " has nothing at " + place);
    }
    return node;
  }

  public double number(String place) {
    return at(place).doubleValue();
  }

  public String text(String place) {
    return at(place).textValue();
  }

  /** Numbers by their names. */
  public Map<String, Double> numbers(String place) {
    return numbers(at(place));
  }

  /** The same of what stands at a place already found. */
  public static Map<String, Double> numbers(JsonNode node) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    node.properties().forEach(each -> numbers.put(each.getKey(), each.getValue().doubleValue()));
    return numbers;
  }

  /** Numbers in their order. */
  public double[] series(String place) {
    return at(place).valueStream().mapToDouble(JsonNode::doubleValue).toArray();
  }

  /** Names in their order. */
  public List<String> names(String place) {
    return at(place).valueStream().map(JsonNode::textValue).toList();
  }
}
