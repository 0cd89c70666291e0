package dev.touchstone.suite.page;

import dev.touchstone.runtime.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Allure's history and trend, from run to run. It reads what earlier runs were like beside the
 * results, and leaves that for the next only with a report of many files; of the single file it is
 * taken out.
 */
public final class AllureHistory {
  private static final String KEPT = "allure-history";
  private static final Pattern FILE =
      Pattern.compile("d\\(['\"]history/([\\w-]+\\.json)['\"], ?['\"]([^'\"]*)['\"]");

  private AllureHistory() {}

  /**
   * Puts what was kept beside the results, before Allure makes its report of them.
   *
   * @param reports the folder of the reports
   */
  public static void bring(Path reports) throws IOException {
    if (Files.isDirectory(reports.resolve(KEPT))) {
      for (Path file : files(reports.resolve(KEPT))) {
        AtomicFile.write(
            reports.resolve("allure-results/history").resolve(file.getFileName()),
            Files.readAllBytes(file));
      }
    }
  }

  /**
   * Keeps what the report has of this run and those before it.
   *
   * @param allure the single file
   * @throws IllegalStateException when there is none in it
   */
  static void keep(String allure, Path reports) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    for (Matcher file = FILE.matcher(allure); file.find(); ) {
      files.put(file.group(1), Base64.getDecoder().decode(file.group(2)));
    }
    if (files.isEmpty()) {
      throw new IllegalStateException(
          "Allure's report has no history where its single file had one: see AllureHistory");
    }
    for (var file : files.entrySet()) {
      AtomicFile.write(reports.resolve(KEPT).resolve(file.getKey()), file.getValue());
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
