package dev.touchstone.suite.training;

import dev.touchstone.runtime.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * A text whose passages are each said twice, so that whoever looks back at what stood there before
 * can tell what comes next. nano144's own is
 *
 * <pre>
 * mvn test-compile exec:java -Dexec.classpathScope=test \
 *   -Dexec.mainClass=dev.touchstone.suite.training.Refrains \
 *   -Dexec.args="golden/corpus/embedded.txt 51 golden/corpus/refrains.txt"
 * </pre>
 */
public final class Refrains {
  private static final int SHORTEST = 8;
  private static final int LONGEST = 32;

  private Refrains() {}

  /** Writes the beginning of a text, so many lines of it, with each passage followed by itself. */
  public static void main(String[] args) throws IOException {
    if (args.length != 3) {
      System.err.println("usage: Refrains TEXT LINES OUTPUT");
      System.exit(2);
    }
    String beginning =
        Files.readAllLines(Path.of(args[0])).stream()
            .limit(Integer.parseInt(args[1]))
            .collect(Collectors.joining("\n"));
    AtomicFile.write(Path.of(args[2]), of(beginning, Nano144Trainer.SEED) + "\n");
  }

  /**
   * The text with every passage followed by itself.
   *
   * @param seed of the passages' lengths, 8 to 32 words
   */
  static String of(String text, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return text.lines()
        .filter(line -> !line.isBlank())
        .map(line -> of(Arrays.asList(line.strip().split("\\s+")), random))
        .collect(Collectors.joining("\n"));
  }

  private static String of(List<String> words, SplittableRandom random) {
    StringBuilder line = new StringBuilder();
    int from = 0;
    while (from < words.size()) {
      int left = words.size() - from;
      int length = random.nextInt(SHORTEST, LONGEST + 1);
      // No passage is left that is too short to be told from others.
      length = left - length < SHORTEST ? left : length;
      String passage = String.join(" ", words.subList(from, from + length));
      line.append(' ').append(passage).append(' ').append(passage);
      from += length;
    }
    return line.toString();
  }
}
