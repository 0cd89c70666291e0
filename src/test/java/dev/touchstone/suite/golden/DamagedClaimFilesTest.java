package dev.touchstone.suite.golden;

import static org.assertj.core.api.Assertions.assertThat;

import dev.touchstone.Seeds;
import dev.touchstone.suite.claim.Complaint;
import dev.touchstone.suite.experiment.EveryObservable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real claim files, damaged at random: each is read as what it now says, or every complaint has
 * file, line, column and what to write. For speed a file is read with only the table or sentence
 * that is damaged and those it refers to, all in their lines.
 */
class DamagedClaimFilesTest {
  private static final int DAMAGES = Integer.getInteger("damaged.files", 2000);
  private static final Path CLAIMS = Path.of("golden/claims");
  private static final Pattern REFERENCE = Pattern.compile("\\b[a-z]+\\d*[a-z]*:[a-z]\\d{2}");

  /** What a sentence has that says what to write. */
  private static final Pattern ADVICE =
      Pattern.compile(
          "\\b(?:write|leave|make|needs?|wants?|wanted|give|say|look|put|take|name|closest|mean|missing|rows are|one table at a time|such as|there (?:is|are)|it may have|must be|"
              + "is a (?:list|mapping)|is one (?:value|word)|are enough|at most|twice|called|taken|between|cannot|printed|not written as)\\b");

  /** What stands where something else should. */
  private static final List<String> OTHERS =
      List.of(
          "",
          "[1, 2]",
          "{a: b}",
          "null",
          "~",
          "true",
          "-1",
          "1e999",
          "0x1f",
          "!!binary aGk=",
          "!!java.net.URL [x]",
          "&a x",
          "*a",
          "<<",
          "\"",
          "'",
          "|",
          ">",
          "?",
          "- x",
          "2026-11-26",
          "—",
          "1,2,3",
          "{value}",
          "{nothing}",
          "[",
          "]",
          "}",
          "%",
          "@",
          "`",
          "\t",
          "#",
          ":",
          "9".repeat(70),
          "L0H8",
          "exp06:p01",
          "seen/1",
          "((((1",
          "a where b",
          "sum(1)",
          "\u0007",
          "\ufeff",
          "\u2028",
          "x".repeat(1100),
          "previous(value)",
          "value / 0");

  private static final String SIGNS = ":{}[],&*#?|-<>=!%@`'\"\\ \t\n0aé";

  @TempDir private Path folder;
  private final Random random = new Random(Seeds.seed("DamagedClaimFilesTest"));
  private final List<Part> parts = new ArrayList<>();
  private EveryObservable observables;

  /**
   * A table or a sentence in its file.
   *
   * @param section the line before the first of its kind
   * @param first its first line, counted from 0
   * @param ids the first is its own, the others those it refers to
   */
  private record Part(
      Path file,
      List<String> lines,
      int header,
      int section,
      int first,
      int end,
      List<String> ids) {
    static Part of(Path file, List<String> lines, int header, int section, int first, int end) {
      String text = String.join("\n", lines.subList(first, end));
      List<String> ids =
          REFERENCE.matcher(text).results().map(MatchResult::group).distinct().toList();
      return new Part(file, lines, header, section, first, end, ids);
    }
  }

  @BeforeEach
  void readParts() throws IOException {
    observables = new EveryObservable(folder.resolve("laboratory.sqlite"));
    Files.createDirectory(folder.resolve("claims"));
    for (Path file : ClaimCatalog.files(CLAIMS)) {
      List<String> lines = Files.readAllLines(file);
      int header = -1;
      int section = 0;
      int first = -1;
      for (int at = 0; at <= lines.size(); at++) {
        String line = at < lines.size() ? lines.get(at) : "end:";
        boolean top = line.matches("[a-z]+:.*");
        if (first >= 0 && (top || line.startsWith("  - "))) {
          parts.add(Part.of(file, lines, header, section, first, at));
          first = -1;
        }
        if (line.equals("tables:") || line.equals("claims:")) {
          header = header < 0 ? at : header;
          section = at;
        } else if (line.startsWith("  - ")) {
          first = at;
        }
      }
    }
  }

  @AfterEach
  void close() {
    observables.close();
  }

  @Test
  void areReadOrAnsweredLineByLine() throws IOException {
    int accepted = 0;
    int complaints = 0;
    Set<String> withoutAdvice = new TreeSet<>();
    Map<Part, Map<Path, String>> whole = new LinkedHashMap<>();
    for (int damage = 0; damage < DAMAGES; damage++) {
      Part part = parts.get(random.nextInt(parts.size()));
      Map<Path, String> files = whole.get(part);
      if (files == null) {
        files = withReferences(part);
        assertThat(answer(files)).as("the undamaged %s", part.ids()).isEmpty();
        whole.put(part, files);
      }
      String intact = files.get(part.file());
      String damaged = damaged(intact, part);
      Map<Path, String> changed = new TreeMap<>(files);
      changed.put(part.file(), damaged);
      List<Complaint> answer = answer(changed);
      accepted += answer.isEmpty() ? 1 : 0;
      complaints += answer.size();
      for (Complaint complaint : answer) {
        requirePlace(complaint, changed);
        if (!ADVICE.matcher(complaint.sentence()).find()) {
          withoutAdvice.add(complaint.toString());
        }
      }
    }
    System.out.printf(
        "%d damaged claim files: %d are claims still, the others have %d complaints; %s%n",
        DAMAGES, accepted, complaints, Seeds.say(Seeds.seed("DamagedClaimFilesTest")));
    assertThat(withoutAdvice).isEmpty();
    assertThat(accepted).isBetween(DAMAGES / 10, DAMAGES * 9 / 10);
  }

  private static void requirePlace(Complaint complaint, Map<Path, String> files) {
    Path file = Path.of(complaint.place().file()).getFileName();
    String text = files.get(CLAIMS.resolve(file));
    assertThat(text).as("%s", complaint).isNotNull();
    long lines = text.lines().count();
    assertThat(complaint.place().line()).as("%s", complaint).isBetween(1, (int) lines + 1);
    assertThat(complaint.place().column()).as("%s", complaint).isPositive();
    assertThat(complaint.sentence().length()).isLessThan(1000);
  }

  /** The part's file and those it refers to, with nothing but what it refers to. */
  private Map<Path, String> withReferences(Part part) {
    Set<Part> wanted = new LinkedHashSet<>(List.of(part));
    for (List<Part> next = List.of(part); !next.isEmpty(); ) {
      List<Part> found = new ArrayList<>();
      for (Part each : next) {
        for (Part other : parts) {
          if (each.ids().contains(other.ids().get(0)) && wanted.add(other)) {
            found.add(other);
          }
        }
      }
      next = found;
    }
    Map<Path, String> files = new TreeMap<>();
    for (Part each : wanted) {
      files.computeIfAbsent(each.file(), file -> only(file, wanted));
    }
    return files;
  }

  private static String only(Path file, Set<Part> wanted) {
    String[] kept = null;
    for (Part each : wanted) {
      if (each.file().equals(file)) {
        if (kept == null) {
          kept = new String[each.lines().size()];
          Arrays.fill(kept, "");
          for (int at = 0; at < each.header(); at++) {
            kept[at] = each.lines().get(at);
          }
        }
        kept[each.section()] = each.lines().get(each.section());
        for (int at = each.first(); at < each.end(); at++) {
          kept[at] = each.lines().get(at);
        }
      }
    }
    return String.join("\n", kept) + "\n";
  }

  private List<Complaint> answer(Map<Path, String> files) throws IOException {
    for (Path file : ClaimCatalog.files(folder.resolve("claims"))) {
      Files.delete(file);
    }
    for (Map.Entry<Path, String> file : files.entrySet()) {
      Files.write(
          folder.resolve("claims").resolve(file.getKey().getFileName()),
          file.getValue().getBytes(StandardCharsets.UTF_8));
    }
    try {
      ClaimCatalog.read(folder.resolve("claims"), observables);
      return List.of();
    } catch (GoldenException e) {
      return e.complaints();
    }
  }

  /** The file with one mistake in the part. */
  private String damaged(String text, Part part) {
    int begin = 0;
    int end = 0;
    for (int line = 0; line < part.end(); line++) {
      begin = line == part.first() ? end : begin;
      end = text.indexOf('\n', end) + 1;
    }
    int at = begin + random.nextInt(end - 1 - begin);
    String other = OTHERS.get(random.nextInt(OTHERS.size()));
    int line = text.lastIndexOf('\n', at) + 1;
    int nextLine = text.indexOf('\n', at) + 1;
    return switch (random.nextInt(12)) {
      case 0 -> text.substring(0, at) + text.substring(at + 1);
      case 1 ->
          text.substring(0, at) + SIGNS.charAt(random.nextInt(SIGNS.length())) + text.substring(at);
      case 2 -> text.substring(0, at) + (char) (32 + random.nextInt(95)) + text.substring(at + 1);
      case 3 -> text.substring(0, line) + text.substring(nextLine);
      case 4 -> text.substring(0, nextLine) + text.substring(line);
      case 5 -> text.substring(0, line) + " ".repeat(1 + random.nextInt(4)) + text.substring(line);
      case 6 -> text.substring(0, line) + text.substring(line).replaceFirst("^ {1,2}", "");
      case 7 -> text.substring(0, at);
      case 8 -> inWord(text, at, word -> other);
      case 9 -> inWord(text, at, word -> word + word);
      case 10 ->
          inWord(
              text,
              at,
              word ->
                  word.length() < 2
                      ? ""
                      : word.charAt(1) + word.substring(0, 1) + word.substring(2));
      default -> afterColon(text, at, other);
    };
  }

  private static String inWord(String text, int at, UnaryOperator<String> change) {
    Matcher word = Pattern.compile("[\\w.:/-]+").matcher(text);
    return word.find(at)
        ? text.substring(0, word.start()) + change.apply(word.group()) + text.substring(word.end())
        : text;
  }

  private static String afterColon(String text, int at, String other) {
    Matcher value = Pattern.compile("(?<=: )[^\\n,}]+").matcher(text);
    return value.find(at)
        ? text.substring(0, value.start()) + other + text.substring(value.end())
        : text;
  }
}
