package dev.touchstone.suite.golden;

import dev.touchstone.suite.claim.Complaint;
import dev.touchstone.suite.claim.Place;
import dev.touchstone.suite.golden.GoldenFile.Text;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;

/** A mapping of a golden file, read by key. */
public final class Fields {
  private final GoldenFile source;
  private final String what;
  private final Place place;
  private final Map<String, Node> values = new LinkedHashMap<>();
  private final Map<String, Place> keys = new LinkedHashMap<>();

  private Fields(GoldenFile source, String what, Place place) {
    this.source = source;
    this.what = what;
    this.place = place;
  }

  /**
   * The fields of a node, which may be those known and no others.
   *
   * @param what the mapping is, with its article, for sentences
   * @return empty, with a complaint, when the node is no mapping
   */
  public static Optional<Fields> of(GoldenFile source, Node node, String what, List<String> known) {
    Optional<Fields> fields = ofAnyKeys(source, node, what);
    fields.ifPresent(
        mapping ->
            mapping.keys.forEach(
                (key, place) -> {
                  if (!known.contains(key)) {
                    source.complain(
                        place,
                        "%s has no key \"%s\"%s (it may have %s)"
                            .formatted(
                                what,
                                key,
                                Complaint.suggestion(key, known),
                                String.join(", ", known)));
                  }
                }));
    return fields;
  }

  /** The fields of a node whose keys are names that its author chooses. */
  static Optional<Fields> ofAnyKeys(GoldenFile source, Node node, String what) {
    if (!(node instanceof MappingNode mapping)) {
      source.complain(
          source.place(node),
          what + " is a mapping of keys to values, not " + GoldenFile.sort(node));
      return Optional.empty();
    }
    Fields fields = new Fields(source, what, source.place(node));
    for (NodeTuple tuple : mapping.getValue()) {
      Place at = source.place(tuple.getKeyNode());
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        source.complain(at, "a key is one word, not " + GoldenFile.sort(tuple.getKeyNode()));
      } else if (fields.values.put(key.getValue(), tuple.getValueNode()) != null) {
        source.complain(at, "%s has the key \"%s\" twice".formatted(what, key.getValue()));
      } else {
        fields.keys.put(key.getValue(), at);
      }
    }
    return Optional.of(fields);
  }

  Place place() {
    return place;
  }

  boolean has(String key) {
    return values.containsKey(key);
  }

  /** Whether a key has just this value. */
  boolean says(String key, String word) {
    return values.get(key) instanceof ScalarNode scalar && scalar.getValue().equals(word);
  }

  /** Where a key of the mapping stands. */
  Place place(String key) {
    return keys.get(key);
  }

  /** The values by key, in the file's order. */
  Map<String, Node> nodes() {
    return values;
  }

  /** The text of a key's value; empty when the key is absent or, with a complaint, no text. */
  public Optional<Text> text(String key) {
    return Optional.ofNullable(values.get(key)).flatMap(node -> source.text(node, key));
  }

  /** The same, with a complaint when the key is absent. */
  public Optional<Text> required(String key, String example) {
    if (!has(key)) {
      source.complain(
          place, "%s needs %s; write for instance %s: %s".formatted(what, key, key, example));
    }
    return text(key);
  }

  /**
   * A key's value as something else.
   *
   * @param read throws {@link IllegalArgumentException} when the text is none; its message becomes
   *     the complaint
   */
  public <T> Optional<T> value(String key, Function<String, T> read) {
    return text(key).flatMap(text -> read(text, read));
  }

  /** The same for one of a few words. */
  public <T> Optional<T> word(String key, Function<String, Optional<T>> read, List<String> words) {
    return value(
        key,
        text ->
            read.apply(text)
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "there is no %s \"%s\"%s (there are %s)"
                                .formatted(
                                    key,
                                    text,
                                    Complaint.suggestion(text, words),
                                    String.join(", ", words)))));
  }

  /** The text as something else; empty, with a complaint, when it is none. */
  <T> Optional<T> read(Text text, Function<String, T> read) {
    try {
      return Optional.of(read.apply(text.value()));
    } catch (IllegalArgumentException e) {
      source.complain(text.place(), e.getMessage());
      return Optional.empty();
    }
  }

  /** Whether a key says {@code true}; empty when it is absent. */
  Optional<Boolean> flag(String key) {
    return word(
        key,
        text ->
            text.equals("true") || text.equals("false")
                ? Optional.of(text.equals("true"))
                : Optional.empty(),
        List.of("true", "false"));
  }

  /** The members of a key's list; none when the key is absent. */
  List<Node> list(String key) {
    return Optional.ofNullable(values.get(key))
        .flatMap(node -> source.members(node, key))
        .orElse(List.of());
  }
}
