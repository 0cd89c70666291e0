package dev.touchstone.suite.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.touchstone.runtime.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Leads from the annotated reports to the claims' pages. Allure numbers its pages at random when it
 * makes its report, so this is done after it, by the build.
 */
public final class ClaimLinks {
  private static final String REPORT = "allure/index.html";
  private static final String UNRESOLVED = REPORT + "#claim=";
  private static final Pattern LINK = Pattern.compile(Pattern.quote(UNRESOLVED) + "([^\"]*)");

  /** How Allure's single file holds the data of a test. */
  private static final Pattern TEST =
      Pattern.compile("d\\(['\"]data/test-cases/(\\w+)\\.json['\"], ?['\"]([^'\"]*)['\"]");

  private ClaimLinks() {}

  /** Where a claim's page is, as long as nobody knows its number: the report's first page. */
  static String unresolved(String claim) {
    return UNRESOLVED + claim;
  }

  /**
   * Gives every link of the annotated reports the number that Allure's page of its claim has, and
   * keeps Allure's history for the next run.
   *
   * @param arguments the folder of the reports
   * @throws IOException when it cannot be read or written
   */
  public static void main(String[] arguments) throws IOException {
    Path reports = Path.of(arguments[0]);
    Path index = reports.resolve("index.html");
    Path allure = reports.resolve(REPORT);
    if (Files.exists(index) && Files.exists(allure)) {
      String report = Files.readString(allure);
      AtomicFile.write(index, resolved(Files.readString(index), numbers(report)));
      AllureHistory.keep(report, reports);
    }
  }

  /** The number of each claim's page. */
  static Map<String, String> numbers(String allure) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    Map<String, String> numbers = new HashMap<>();
    Matcher test = TEST.matcher(allure);
    while (test.find()) {
      JsonNode data =
          mapper.readTree(
              new String(Base64.getDecoder().decode(test.group(2)), StandardCharsets.UTF_8));
      numbers.put(data.path("fullName").asText(), test.group(1));
    }
    return numbers;
  }

  static String resolved(String index, Map<String, String> numbers) {
    return LINK.matcher(index)
        .replaceAll(
            link ->
                Matcher.quoteReplacement(
                    numbers.containsKey(link.group(1))
                        ? REPORT + "#testresult/" + numbers.get(link.group(1))
                        : link.group()));
  }
}
