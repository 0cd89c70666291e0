package dev.touchstone.suite.fault;

import dev.touchstone.runtime.AtomicFile;
import dev.touchstone.suite.golden.GoldenException;
import dev.touchstone.suite.golden.MutantFile;
import dev.touchstone.suite.golden.MutantFile.Room;
import dev.touchstone.suite.golden.MutantFile.Survivor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * How many mistakes the unit tests of a room notice: PIT makes each in the room's compiled code,
 * and runs the tests that reach it.
 *
 * <pre>
 * mvn -Ppit verify -Dpit.room=statistics
 * </pre>
 */
public final class Mutants {
  /** Percent. */
  private static final int ENOUGH = 85;

  private static final String CODE = "dev.touchstone.";

  private static final List<String> HEAD =
      List.of(
          "| room | mutants | killed | timed out | crashed | survived | not covered | score | min:s |",
          "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");

  private static final List<String> SOURCES = List.of("src/main/java", "src/test/java");

  /**
   * On a machine that has other work to do a test is slow, and has not noticed anything by that.
   */
  private static final int PATIENCE_MILLIS = 15_000;

  private static final int SLOWER_AT_MOST = 3;

  private final Path folder;
  private final Path library;
  private final Path suite;

  private Mutants(Path folder, Path library, Path suite) {
    this.folder = folder;
    this.library = library;
    this.suite = suite;
  }

  /**
   * What became of a mistake.
   *
   * @param status in PIT's words
   */
  record Mutant(String status, Survivor where) {
    boolean is(String... statuses) {
      return Set.of(statuses).contains(status);
    }

    boolean unnoticed() {
      return is("SURVIVED", "NO_COVERAGE");
    }
  }

  /** What became of all of a room. */
  record Result(Room room, List<Mutant> mutants, long seconds) {
    private long count(String... statuses) {
      return mutants.stream().filter(mutant -> mutant.is(statuses)).count();
    }

    private double score() {
      return 100.0
          * mutants.stream().filter(mutant -> !mutant.unnoticed()).count()
          / mutants.size();
    }

    String row() {
      return "| `%s` | %d | %d | %d | %d | %d | %d | %.1f%% | %d:%02d |"
          .formatted(
              room.name(),
              mutants.size(),
              count("KILLED"),
              count("TIMED_OUT"),
              mutants.size() - count("KILLED", "TIMED_OUT", "SURVIVED", "NO_COVERAGE"),
              count("SURVIVED"),
              count("NO_COVERAGE"),
              score(),
              seconds / 60,
              seconds % 60);
    }

    /** What is not as it should be. */
    List<String> complaints() {
      List<String> complaints = new ArrayList<>();
      if (score() < ENOUGH) {
        complaints.add(
            "The tests of %s notice %.1f%% of the mistakes; they should notice %d%%."
                .formatted(room.name(), score(), ENOUGH));
      }
      room.survivors()
          .ifPresent(
              explained -> {
                List<Survivor> unnoticed =
                    mutants.stream().filter(Mutant::unnoticed).map(Mutant::where).toList();
                without(unnoticed, explained)
                    .forEach(
                        each ->
                            complaints.add(
                                "No test notices %s. Write one, or say in golden/mutants.yaml why it changes nothing."
                                    .formatted(each)));
                without(explained, unnoticed)
                    .forEach(
                        each ->
                            complaints.add(
                                "golden/mutants.yaml explains %s, which does not survive; take it out."
                                    .formatted(each)));
              });
      return complaints;
    }

    private static List<Survivor> without(List<Survivor> all, List<Survivor> some) {
      List<Survivor> rest = new ArrayList<>(all);
      some.forEach(rest::remove);
      return rest;
    }
  }

  /**
   * Makes mistakes in all rooms, prints a table in Markdown and leaves it beside PIT's reports.
   *
   * @param arguments the file that names the rooms; one of them, or nothing for all; the folder of
   *     the reports; the folders of the library's classes and of the suite's
   */
  public static void main(String[] arguments) throws Exception {
    List<String> complaints = new ArrayList<>();
    List<String> table = new ArrayList<>(HEAD);
    try {
      Path folder = Path.of(arguments[2]);
      Mutants mutants = new Mutants(folder, Path.of(arguments[3]), Path.of(arguments[4]));
      for (Room room : rooms(Path.of(arguments[0]), arguments[1])) {
        mutants
            .of(room, complaints)
            .ifPresent(
                result -> {
                  table.add(result.row());
                  complaints.addAll(result.complaints());
                });
        AtomicFile.write(folder.resolve("mutants.md"), String.join("\n", table) + "\n");
      }
    } catch (GoldenException | IllegalArgumentException | IOException e) {
      complaints.add(e.getMessage());
    }
    table.forEach(System.out::println);
    complaints.forEach(System.err::println);
    if (!complaints.isEmpty()) {
      System.exit(1);
    }
  }

  private static List<Room> rooms(Path file, String wanted) {
    List<Room> rooms = MutantFile.read(file).rooms();
    List<Room> asked =
        rooms.stream().filter(room -> wanted.isEmpty() || room.name().equals(wanted)).toList();
    if (asked.isEmpty()) {
      throw new IllegalArgumentException(
          "%s has no room %s; there are %s"
              .formatted(
                  file, wanted, rooms.stream().map(Room::name).collect(Collectors.joining(", "))));
    }
    return asked;
  }

  /** Empty, with a complaint, when PIT itself fails; the next room may do better. */
  private Optional<Result> of(Room room, List<String> complaints)
      throws IOException, InterruptedException {
    Path report = folder.resolve(room.name());
    long start = System.nanoTime();
    if (new ProcessBuilder(command(room, report)).inheritIO().start().waitFor() != 0) {
      complaints.add("PIT did not come through with %s; it says above why.".formatted(room.name()));
      return Optional.empty();
    }
    long seconds = Math.round((System.nanoTime() - start) / 1e9);
    return Optional.of(new Result(room, read(report.resolve("mutations.xml")), seconds));
  }

  private List<String> command(Room room, Path report) {
    Stream<String> helpers = room.helpers().stream().map(name -> CODE + room.name() + "." + name);
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-classpath",
        System.getProperty("java.class.path"),
        "org.pitest.mutationtest.commandline.MutationCoverageReport",
        "--reportDir=" + report,
        "--sourceDirs=" + String.join(",", SOURCES),
        "--mutableCodePaths=" + (room.name().startsWith("suite.") ? suite : library),
        "--targetClasses=" + CODE + room.name() + ".*",
        "--excludedClasses="
            + Stream.concat(Stream.of("*Test", "*Test$*"), helpers)
                .collect(Collectors.joining(",")),
        "--targetTests=" + room.tests().stream().map(CODE::concat).collect(Collectors.joining(",")),
        "--outputFormats=XML,HTML",
        "--verbosity=NO_SPINNER",
        "--threads=1",
        "--timeoutConst=" + PATIENCE_MILLIS,
        "--timeoutFactor=" + SLOWER_AT_MOST,
        "--jvmArgs="
            + String.join(
                ",",
                "-XX:TieredStopAtLevel=1",
                "-Dtouchstone.threads=1",
                "-Dtouchstone.cache=" + folder.resolve("cache"),
                "-Dallure.results.directory=" + folder.resolve("allure")));
  }

  static List<Mutant> read(Path xml) throws IOException {
    try {
      NodeList nodes =
          DocumentBuilderFactory.newDefaultInstance()
              .newDocumentBuilder()
              .parse(xml.toFile())
              .getElementsByTagName("mutation");
      List<Mutant> mutants = new ArrayList<>();
      for (int i = 0; i < nodes.getLength(); i++) {
        mutants.add(mutant((Element) nodes.item(i)));
      }
      return mutants;
    } catch (ParserConfigurationException | SAXException e) {
      throw new IOException(xml + " is none of PIT's reports: " + e.getMessage(), e);
    }
  }

  private static Mutant mutant(Element mutation) throws IOException {
    String type = text(mutation, "mutatedClass");
    String method = text(mutation, "mutatedMethod");
    int dot = type.lastIndexOf('.');
    Path file = Path.of(type.substring(0, dot).replace('.', '/'), text(mutation, "sourceFile"));
    Path source =
        SOURCES.stream()
            .map(folder -> Path.of(folder).resolve(file))
            .filter(Files::exists)
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("there is no source " + file));
    String line =
        Files.readAllLines(source).get(Integer.parseInt(text(mutation, "lineNumber")) - 1);
    String mutator = text(mutation, "mutator");
    return new Mutant(
        mutation.getAttribute("status"),
        new Survivor(
            type.substring(dot + 1) + "." + written(method),
            line.strip(),
            mutator.substring(mutator.lastIndexOf('.') + 1).replaceFirst("Mutator$", "")));
  }

  /** The method as the source has it: the compiler numbers a lambda within the one it stands in. */
  private static String written(String method) {
    return method.startsWith("lambda$") ? method.split("\\$")[1] : method;
  }

  private static String text(Element mutation, String tag) {
    return mutation.getElementsByTagName(tag).item(0).getTextContent();
  }
}
