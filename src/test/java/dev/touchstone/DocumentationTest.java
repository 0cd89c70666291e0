package dev.touchstone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the pages of this repository name exists, and is called so. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DocumentationTest {
  private static final Path README = Path.of("README.md");

  private static final List<String> TREES = List.of("main", "test", "bench", "spark");

  /** Of other projects, and of the reader's machine. */
  private static final Set<String> ELSEWHERE =
      Set.of(
          "HookedTransformer",
          "gpt2/model.safetensors",
          "model.safetensors.index.json",
          "tokenizer.json",
          "vocab.json");

  private static final Pattern ARGUMENT =
      Pattern.compile("-(?<sort>[PD])(?<name>[\\w.-]+)(?:=(?<value>\"[^\"]*\"|\\S+))?");
  private static final Pattern PROPERTY = Pattern.compile("touchstone(?:\\.[a-z0-9]+)+");
  private static final Pattern CLASS =
      Pattern.compile(
          "(?<name>[A-Z][a-z0-9]{2,}[A-Z]\\w+|[A-Z][a-z]{3,})(?:\\.(?<member>[a-z]\\w*))?");
  private static final Pattern REPOSITORY =
      Pattern.compile("(?:golden|src|docs|\\.ci|\\.github)(?:/[\\w.-]+)+/?");
  private static final Pattern FILE =
      Pattern.compile(
          "(?:[\\w.-]+/)*[\\w-]+(?:\\.[\\w-]+)*\\.(?:md|ya?ml|json|safetensors|py|png)");

  /** The names of golden's files, which a page about them writes without their folder. */
  private Set<String> files;

  private String pom;
  private String code;
  private Set<String> tags;

  /** The code's types and whatever it calls or declares with parameters, by name. */
  private Set<String> types;

  private Set<String> methods;

  @BeforeAll
  void read() throws IOException {
    pom = Files.readString(Path.of("pom.xml"));
    try (Stream<Path> golden = Files.walk(Path.of("golden"))) {
      files = golden.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
    }
    try (Stream<Path> source = Files.walk(Path.of("src"))) {
      code =
          source
              .filter(file -> file.toString().endsWith(".java"))
              .map(DocumentationTest::text)
              .collect(Collectors.joining());
    }
    tags = inCode("@Tag\\(\"([^\"]+)\"\\)");
    types = inCode("\\b(?:class|record|interface|enum) (?=(\\w+))");
    methods = inCode("\\b(\\w+)\\(");
  }

  private Set<String> inCode(String pattern) {
    return Pattern.compile(pattern)
        .matcher(code)
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toSet());
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Stream<Page> pages() throws IOException {
    return Page.all();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyCommandsProfilesPropertiesGroupsAndClassesExist(Page page) {
    List<String> unknown = new ArrayList<>();
    page.commands()
        .forEach(
            command -> {
              for (Matcher argument = ARGUMENT.matcher(command); argument.find(); ) {
                if (!exists(argument)) {
                  unknown.add(argument.group() + " in: " + command);
                }
              }
            });
    assertThat(unknown).isEmpty();
  }

  private boolean exists(Matcher argument) {
    String name = argument.group("name");
    String value = argument.group("value");
    if (argument.group("sort").equals("P")) {
      return pom.contains("<id>" + name + "</id>");
    }
    return switch (name) {
      case "groups", "excludedGroups" -> tags.contains(value);
      case "exec.mainClass" -> isClass(value);
      case "exec.classpathScope", "exec.args" -> true;
      case "test", "it.test" -> types.contains(value);
      default -> isProperty(name);
    };
  }

  private boolean isProperty(String name) {
    boolean switchesAProfile = pom.contains("<property><name>" + name + "</name></property>");
    return switchesAProfile || code.contains("\"" + name + "\"") || pom.contains("<" + name + ">");
  }

  private static boolean isClass(String qualified) {
    String file = qualified.replace('.', '/') + ".java";
    return TREES.stream().anyMatch(tree -> isFile("src/" + tree + "/java/" + file));
  }

  private static boolean isPackage(String name) {
    String folder = name.replace('.', '/');
    return TREES.stream().anyMatch(tree -> Files.isDirectory(Path.of("src", tree, "java", folder)));
  }

  private static boolean isFile(String path) {
    return Files.isRegularFile(Path.of(path));
  }

  /** The table's row is where a reader learns them. */
  @Test
  void everyGroupOfTheReadmeIsATag() throws IOException {
    String row =
        Page.of(README)
            .text()
            .lines()
            .filter(line -> line.contains("-Dgroups="))
            .findFirst()
            .orElseThrow();
    List<String> groups =
        new Page(README, row).spans().stream().filter(span -> !span.startsWith("mvn")).toList();

    assertThat(groups).isNotEmpty();
    assertThat(tags).containsAll(groups);
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyPropertyIsRead(Page page) {
    assertThat(page.spans().stream().filter(PROPERTY.asMatchPredicate()))
        .allMatch(this::isProperty);
  }

  /** What the POM sets is its own affair. */
  @Test
  void everyPropertyThatIsReadStandsInTheReadme() throws IOException {
    Set<String> read =
        Pattern.compile("\"(" + PROPERTY + ")\"")
            .matcher(code)
            .results()
            .map(property -> property.group(1))
            .filter(property -> !pom.contains("<" + property + ">"))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(read).isNotEmpty();
    assertThat(Page.of(README).text()).contains(read);
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyClassAndPackageExists(Page page) {
    List<String> unknown = new ArrayList<>();
    for (String span : page.spans()) {
      Matcher name = CLASS.matcher(span);
      boolean known =
          name.matches()
              ? ELSEWHERE.contains(span) || isDeclared(name.group("name"), name.group("member"))
              : !span.startsWith("dev.touchstone") || isPackage(span) || isClass(span);
      if (!known) {
        unknown.add(span);
      }
    }
    assertThat(unknown).isEmpty();
  }

  private boolean isDeclared(String name, String member) {
    return types.contains(name) && (member == null || methods.contains(member));
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyFileExists(Page page) {
    List<String> missing = new ArrayList<>();
    for (String span : page.spans()) {
      boolean file = FILE.matcher(span).matches() || REPOSITORY.matcher(span).matches();
      // What a run leaves is not kept in the repository.
      boolean left = span.startsWith("reports/") || page.file().startsWith("reports");
      if (file && !left && !ELSEWHERE.contains(span) && !isHere(page, span)) {
        missing.add(span);
      }
    }
    page.links().stream().filter(link -> !isBeside(page, link)).forEach(missing::add);
    assertThat(missing).isEmpty();
  }

  private boolean isHere(Page page, String path) {
    return Files.exists(Path.of(path)) || isBeside(page, path) || files.contains(path);
  }

  private static boolean isBeside(Page page, String path) {
    return Files.exists(page.file().resolveSibling(path));
  }

  @Test
  void theReadmeHasTheLibrarysPackagesInTheirOrder() throws IOException {
    Matcher sentence =
        Pattern.compile("each importing only those before it:([^.]*)\\.")
            .matcher(Page.of(README).text());
    assertThat(sentence.find()).isTrue();

    assertThat(new Page(README, sentence.group(1)).spans())
        .map("dev.touchstone."::concat)
        .isEqualTo(ArchitectureTest.LIBRARY);
  }
}
