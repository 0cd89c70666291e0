package dev.touchstone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A page of Markdown of this repository, as far as tests hold it against the code. */
record Page(Path file, String text) {
  private static final Pattern BLOCK =
      Pattern.compile(
          "^```(?<language>\\w*)\\n(?<code>.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern SPAN = Pattern.compile("`([^`\\n]+)`");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)\\)");
  private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);

  static Page of(Path file) throws IOException {
    return new Page(file, Files.readString(file));
  }

  /** Every page beside the POM, of {@code docs} and of {@code golden}, and that of reports. */
  static Stream<Page> all() throws IOException {
    Stream.Builder<Page> pages = Stream.builder();
    pages.add(of(Path.of("reports/README.md")));
    try (Stream<Path> own = Files.list(Path.of(""));
        Stream<Path> docs = Files.walk(Path.of("docs"));
        Stream<Path> golden = Files.walk(Path.of("golden"))) {
      Stream<Path> files = Stream.of(own, docs, golden).flatMap(each -> each);
      for (Path file : files.filter(each -> each.toString().endsWith(".md")).sorted().toList()) {
        pages.add(of(file));
      }
    }
    return pages.build();
  }

  /** Its blocks in a language, by the heading each stands under. */
  Map<String, String> blocks(String language) {
    Map<String, String> blocks = new LinkedHashMap<>();
    for (Matcher block = BLOCK.matcher(text); block.find(); ) {
      if (block.group("language").equals(language)) {
        String earlier = blocks.put(heading(block.start()), block.group("code"));
        if (earlier != null) {
          throw new IllegalStateException(file + " has two such blocks under a heading");
        }
      }
    }
    return blocks;
  }

  private String heading(int place) {
    return HEADING
        .matcher(text.substring(0, place))
        .results()
        .map(heading -> heading.group(1))
        .reduce("", (earlier, later) -> later);
  }

  /** What it sets as code within its sentences and tables. */
  List<String> spans() {
    return found(SPAN, BLOCK.matcher(text).replaceAll("")).toList();
  }

  /** The files it links to, as it writes them. */
  List<String> links() {
    return found(LINK, BLOCK.matcher(text).replaceAll(""))
        .filter(link -> !link.contains("://"))
        .toList();
  }

  /** The Maven commands in its blocks and sentences, each on one line. */
  Stream<String> commands() {
    Stream<String> inBlocks =
        BLOCK
            .matcher(text)
            .results()
            .map(MatchResult::group)
            .flatMap(block -> block.replace("\\\n", " ").lines());
    return Stream.concat(inBlocks, spans().stream()).filter(line -> line.startsWith("mvn "));
  }

  private static Stream<String> found(Pattern pattern, String in) {
    return pattern.matcher(in).results().map(match -> match.group(1));
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
