package dev.touchstone.suite.golden;

import dev.touchstone.suite.claim.Complaint;
import dev.touchstone.suite.claim.Place;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionEndEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.reader.ReaderException;

/**
 * A YAML file of the golden folder as a graph of nodes, each of which knows its place, and the
 * complaints about it. Every scalar is its text: what looks like a number to YAML keeps the digits
 * it is printed with.
 */
public final class GoldenFile {
  /** Bytes; the largest has a quarter. */
  private static final long LARGEST = 200_000;

  /** Characters of one value, of which the longest has a third; it may be repeated in each row. */
  private static final int LONGEST = 1000;

  private static final LoaderOptions OPTIONS = new LoaderOptions();

  private final String file;
  private final List<Complaint> complaints;

  /** A text and where it stands. */
  public record Text(String value, Place place) {}

  /**
   * @param file as complaints name it
   * @param complaints what is found wrong is added to them
   */
  public GoldenFile(String file, List<Complaint> complaints) {
    this.file = file;
    this.complaints = complaints;
  }

  /**
   * Reads a file that needs no other.
   *
   * @param reader complains of what is wrong below the root node; what it gives is asked for when
   *     nothing is
   * @throws GoldenException with every complaint about the file
   */
  public static <T> T read(Path path, BiFunction<GoldenFile, Node, Supplier<T>> reader) {
    List<Complaint> complaints = new ArrayList<>();
    GoldenFile source = new GoldenFile(path.toString().replace('\\', '/'), complaints);
    Optional<Supplier<T>> read = read(path, source).map(root -> reader.apply(source, root));
    if (!complaints.isEmpty()) {
      throw GoldenException.of(complaints);
    }
    return read.orElseThrow().get();
  }

  /** Whether there is no complaint yet. */
  boolean isSound() {
    return complaints.isEmpty();
  }

  /** The root node; empty, with a complaint, when the file cannot be read or is no YAML. */
  public static Optional<Node> read(Path path, GoldenFile source) {
    try {
      if (Files.size(path) > LARGEST) {
        source.complain(
            source.start(), "the file has more than " + LARGEST + " bytes; make it several");
        return Optional.empty();
      }
      return source.compose(Files.readString(path));
    } catch (MalformedInputException e) {
      source.complain(source.start(), "the file is not UTF-8");
    } catch (IOException e) {
      source.complain(source.start(), "the file cannot be read: " + e.getMessage());
    }
    return Optional.empty();
  }

  private Optional<Node> compose(String yaml) {
    try {
      if (!isPlain(yaml)) {
        return Optional.empty();
      }
      Node root = new Yaml(OPTIONS).compose(new StringReader(yaml));
      if (root == null) {
        complain(start(), "the file is empty");
      }
      return Optional.ofNullable(root);
    } catch (MarkedYAMLException e) {
      complain(
          place(e.getProblemMark()),
          "this is no YAML: %s; look for a bracket, a quote or an indentation that is wrong up to here"
              .formatted(e.getProblem()));
    } catch (ReaderException e) {
      complain(
          place(yaml.substring(0, yaml.indexOf(Character.toString(e.getCodePoint())))),
          "this is no YAML: a character U+%04X stands here; take it out"
              .formatted(e.getCodePoint()));
    } catch (YAMLException e) {
      complain(start(), "this is no YAML: " + e.getMessage().lines().findFirst().orElse(""));
    }
    return Optional.empty();
  }

  /** Whether nothing stands for something else or deep inside; with a complaint when it does. */
  private boolean isPlain(String yaml) {
    int depth = 0;
    for (Event event : new Yaml(OPTIONS).parse(new StringReader(yaml))) {
      if (event instanceof AliasEvent alias) {
        complain(
            place(alias.getStartMark()),
            "*%s stands for what is written elsewhere; write it out here"
                .formatted(alias.getAnchor()));
        return false;
      }
      depth += event instanceof CollectionStartEvent ? 1 : 0;
      depth -= event instanceof CollectionEndEvent ? 1 : 0;
      if (depth > OPTIONS.getNestingDepthLimit()) {
        complain(
            place(event.getStartMark()),
            "this stands inside %d others; write it less deep"
                .formatted(OPTIONS.getNestingDepthLimit()));
        return false;
      }
    }
    return true;
  }

  public void complain(Place place, String sentence) {
    GoldenException.add(complaints, new Complaint(place, sentence));
  }

  Place place(Node node) {
    return place(node.getStartMark());
  }

  /** The text of a scalar; empty, with a complaint, when the node is none. */
  Optional<Text> text(Node node, String what) {
    if (node instanceof ScalarNode scalar && scalar.getValue().length() > LONGEST) {
      complain(
          place(node),
          "%s has %d characters; %d are enough"
              .formatted(what, scalar.getValue().length(), LONGEST));
      return Optional.empty();
    }
    if (node instanceof ScalarNode scalar) {
      return Optional.of(new Text(scalar.getValue(), place(node)));
    }
    complain(
        place(node),
        what
            + " is one value, not "
            + sort(node)
            + "; one that begins with a bracket stands in quotes");
    return Optional.empty();
  }

  /** The members of a sequence; empty, with a complaint, when the node is no sequence. */
  public Optional<List<Node>> members(Node node, String what) {
    if (node instanceof SequenceNode sequence) {
      return Optional.of(sequence.getValue());
    }
    complain(place(node), what + " is a list, not " + sort(node));
    return Optional.empty();
  }

  static String sort(Node node) {
    if (node instanceof MappingNode) {
      return "a mapping";
    }
    return node instanceof SequenceNode ? "a list" : "one value";
  }

  private Place place(Mark mark) {
    return mark == null ? start() : new Place(file, mark.getLine() + 1, mark.getColumn() + 1);
  }

  /** The place after a text. */
  private Place place(String before) {
    int line = (int) before.chars().filter(each -> each == '\n').count();
    return new Place(file, line + 1, before.length() - before.lastIndexOf('\n'));
  }

  private Place start() {
    return new Place(file, 1, 1);
  }
}
