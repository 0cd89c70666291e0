package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.touchstone.suite.verdict.Outcome;
import io.qameta.allure.model.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.opentest4j.TestAbortedException;

/**
 * Allure's report of the claims as a double-click opens it: from the file system, in a browser that
 * reaches no network. It shows what the run told Allure, whichever claims that was about.
 */
@Tag("browser")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReportBrowserIT {
  private static final Path REPORTS = Path.of(System.getProperty("touchstone.reports", "reports"));
  private static final Path TOLD = REPORTS.resolve("allure-results");
  private static final Path REPORT = REPORTS.resolve("allure/index.html");
  private static final String EPIC = ".tree__content[data-uid] > .node";
  private static final By ENVIRONMENT = By.cssSelector("[data-id='environment'] .widget__body");
  private static final String UNKNOWN = "unknown";
  private static final By BODY = By.tagName("body");

  private final List<JsonNode> results = new ArrayList<>();
  private Path profile;
  private Browser browser;

  @BeforeAll
  void keepFolder(@TempDir Path empty) {
    profile = empty;
  }

  /** One browser for all; but each test that needs what is missing says so. */
  @BeforeEach
  void open() throws IOException {
    if (Files.notExists(TOLD)) {
      throw new TestAbortedException("no test of this run told Allure anything");
    }
    assertThat(REPORT).exists();
    if (browser == null) {
      browser = Browser.start(profile);
      ObjectMapper mapper = new ObjectMapper();
      try (var files = Files.newDirectoryStream(TOLD, "*-result.json")) {
        for (Path file : files) {
          results.add(mapper.readTree(file.toFile()));
        }
      }
    }
    browser.open(REPORT);
  }

  @AfterAll
  void quit() {
    if (browser != null) {
      browser.close();
    }
  }

  @Test
  void firstPageShowsTheRun() throws IOException {
    WebElement environment = browser.shown(ENVIRONMENT);
    environment.findElements(By.className("environment-widget__expand")).forEach(WebElement::click);
    Map<String, String> rows = new HashMap<>();
    for (WebElement row : environment.findElements(By.cssSelector(".table__row[disabled]"))) {
      List<WebElement> cells = row.findElements(By.className("table__col"));
      rows.put(cells.get(0).getText(), cells.get(1).getText());
    }

    assertThat(rows).isEqualTo(environment());
    assertThat(browser.shown(By.className("splash__title")).getText())
        .isEqualTo(Integer.toString(results.size()));
    browser.await(
        ExpectedConditions.not(
            ExpectedConditions.textToBePresentInElementLocated(BODY, "Loading...")));
    assertThat(browser.consoleErrors()).isEmpty();
  }

  @Test
  void listsAsManyClaimsOfEachReportAsWereTested() {
    assumeThat(results).as("claims that this run judged").isNotEmpty();
    Map<String, Map<String, Integer>> tested = new TreeMap<>();
    for (JsonNode result : results) {
      for (JsonNode label : result.path("labels")) {
        if (label.path("name").asText().equals("epic")) {
          tested
              .computeIfAbsent(label.path("value").asText(), epic -> new TreeMap<>())
              .merge(status(result), 1, Integer::sum);
        }
      }
    }

    Map<String, Map<String, Integer>> listed = new TreeMap<>();
    for (WebElement epic : epics()) {
      Map<String, Integer> statuses = new TreeMap<>();
      for (WebElement count :
          epic.findElements(By.cssSelector(":scope > .node__title > .node__stats > .label"))) {
        String status = count.getDomAttribute("class").replaceFirst(".*_status_", "");
        statuses.put(status, Integer.parseInt(count.getText()));
      }
      listed.put(epic.findElement(By.className("node__name")).getText(), statuses);
    }

    assertThat(listed).containsAllEntriesOf(tested);
    assertThat(browser.consoleErrors()).isEmpty();
  }

  @Test
  void opensAClaimOfEachReport() throws IOException {
    assumeThat(results).as("claims that this run judged").isNotEmpty();
    int reports = epics().size();
    for (int report = 1; report <= reports; report++) {
      String name = openFirstClaim(report);

      assertThat(browser.shown(By.className("test-result__name")).getText()).isEqualTo(name);
      String overview = browser.shown(By.className("test-result-overview")).getText();
      JsonNode told =
          results.stream()
              .filter(result -> result.path("name").asText().equals(name))
              .filter(
                  result ->
                      unbroken(overview)
                          .contains(
                              unbroken(result.path("statusDetails").path("message").asText())))
              .findFirst()
              .orElseThrow(() -> new AssertionError(name + " shows other words: " + overview));
      assertThat(overview)
          .contains("-Dtouchstone.claim=" + told.path("fullName").asText(), "golden/claims/");
    }
    assertThat(browser.consoleErrors()).isEmpty();
  }

  @Test
  void countsVerdicts() throws IOException {
    Map<String, Integer> verdicts = new TreeMap<>();
    for (JsonNode verdict :
        new ObjectMapper().readTree(REPORTS.resolve("verdicts.json").toFile()).path("verdicts")) {
      Status status = AllureReport.status(Outcome.valueOf(verdict.path("verdict").asText()));
      verdicts.merge(status == null ? UNKNOWN : status.value(), 1, Integer::sum);
    }
    assertThat(statuses(results)).as("what Allure's pie is made of").isEqualTo(verdicts);
  }

  private static Map<String, Integer> statuses(List<JsonNode> results) {
    Map<String, Integer> statuses = new TreeMap<>();
    results.forEach(result -> statuses.merge(status(result), 1, Integer::sum));
    return statuses;
  }

  private static String status(JsonNode result) {
    return result.path("status").asText(UNKNOWN);
  }

  private static String unbroken(String text) {
    return text.replaceAll("\\s+", " ").strip();
  }

  /** Clicks down to it, and returns its name. */
  private String openFirstClaim(int report) {
    epics();
    String node = "%s:nth-child(%d)".formatted(EPIC, report);
    while (!browser.driver().findElement(By.cssSelector(node)).getTagName().equals("a")) {
      // Allure draws the tree anew after a click.
      browser.shown(By.cssSelector(node + " > .node__title")).click();
      node += " > .node__children > .node:first-child";
    }
    WebElement claim = browser.shown(By.cssSelector(node));
    String name = claim.findElement(By.className("node__name")).getText();
    claim.click();
    return name;
  }

  /** The tree's top nodes, drawn anew. */
  private List<WebElement> epics() {
    browser.shown(By.cssSelector(".side-nav__link[href='#']")).click();
    browser.shown(ENVIRONMENT);
    browser.shown(By.cssSelector("a[href='#behaviors']")).click();
    browser.shown(By.cssSelector(EPIC));
    return browser.driver().findElements(By.cssSelector(EPIC));
  }

  /** Empty when the run was about no claim. */
  private static Map<String, String> environment() throws IOException {
    Properties told = new Properties();
    Path file = TOLD.resolve("environment.properties");
    if (Files.exists(file)) {
      try (var reader = Files.newBufferedReader(file)) {
        told.load(reader);
      }
    }
    Map<String, String> rows = new HashMap<>();
    told.stringPropertyNames().forEach(name -> rows.put(name, told.getProperty(name)));
    return rows;
  }
}
