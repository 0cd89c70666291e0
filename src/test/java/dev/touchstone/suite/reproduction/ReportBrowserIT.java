package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.remote.RemoteWebDriver;
import org.openqa.selenium.support.ui.ExpectedCondition;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.openqa.selenium.support.ui.WebDriverWait;
import org.opentest4j.TestAbortedException;

/**
 * The report as a double-click opens it: from the file system, in a browser that reaches no
 * network. It shows what the run's tests told Allure, whichever tests those were.
 */
@Tag("browser")
class ReportBrowserIT {
  private static final Path REPORTS = Path.of(System.getProperty("touchstone.reports", "reports"));
  private static final Path TOLD = REPORTS.resolve("allure-results");
  private static final Path REPORT = REPORTS.resolve("allure/index.html");
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final String EPIC = ".tree__content[data-uid] > .node";
  private static final By ENVIRONMENT = By.cssSelector("[data-id='environment'] .widget__body");
  private static final By BODY = By.tagName("body");

  private final List<JsonNode> results = new ArrayList<>();
  private final ChromeDriverService driver = ChromeDriverService.createDefaultService();
  private RemoteWebDriver browser;

  @BeforeEach
  void readWhatWasTold() throws IOException {
    if (Files.notExists(TOLD)) {
      throw new TestAbortedException("no test of this run told Allure anything");
    }
    ObjectMapper mapper = new ObjectMapper();
    try (var files = Files.newDirectoryStream(TOLD, "*-result.json")) {
      for (Path file : files) {
        results.add(mapper.readTree(file.toFile()));
      }
    }
  }

  @BeforeEach
  void startBrowser(@TempDir Path profile) throws IOException {
    assertThat(REPORT).exists();
    ChromeOptions options = options(profile);
    // Selenium looks for no driver of its own when it is told of one.
    driver.setExecutable(installed("chromedriver").toString());
    driver.start();
    browser = new RemoteWebDriver(driver.getUrl(), options, false);
    browser.manage().timeouts().pageLoadTimeout(PATIENCE);
    browser.get(REPORT.toUri().toString());
  }

  @AfterEach
  void quitBrowser() {
    if (browser != null) {
      browser.quit();
    }
    driver.stop();
  }

  @Test
  void firstPageShowsTheRun() throws IOException {
    WebElement environment = shown(ENVIRONMENT);
    environment.findElements(By.className("environment-widget__expand")).forEach(WebElement::click);
    Map<String, String> rows = new HashMap<>();
    for (WebElement row : environment.findElements(By.cssSelector(".table__row[disabled]"))) {
      List<WebElement> cells = row.findElements(By.className("table__col"));
      rows.put(cells.get(0).getText(), cells.get(1).getText());
    }

    assertThat(rows).isEqualTo(environment());
    assertThat(shown(By.className("splash__title")).getText())
        .isEqualTo(Integer.toString(results.size()));
    await(
        ExpectedConditions.not(
            ExpectedConditions.textToBePresentInElementLocated(BODY, "Loading...")));
    assertThat(consoleErrors()).isEmpty();
  }

  @Test
  void listsAsManyClaimsOfEachReportAsWereTested() {
    Map<String, Map<String, Integer>> tested = new TreeMap<>();
    for (JsonNode result : results) {
      for (JsonNode label : result.path("labels")) {
        if (label.path("name").asText().equals("epic")) {
          tested
              .computeIfAbsent(label.path("value").asText(), epic -> new TreeMap<>())
              .merge(result.path("status").asText(), 1, Integer::sum);
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
    assertThat(consoleErrors()).isEmpty();
  }

  @Test
  void opensAClaimOfEachReport() throws IOException {
    int reports = epics().size();
    for (int report = 1; report <= reports; report++) {
      String name = openFirstClaim(report);

      assertThat(shown(By.className("test-result__name")).getText()).isEqualTo(name);
      String overview = shown(By.className("test-result-overview")).getText();
      JsonNode told =
          results.stream()
              .filter(result -> result.path("name").asText().equals(name))
              .filter(result -> isShown(result, overview))
              .findFirst()
              .orElseThrow(() -> new AssertionError(name + " shows other words: " + overview));
      for (JsonNode attachment : told.path("attachments")) {
        if (attachment.path("type").asText().equals("text/plain")) {
          shown(By.className("attachment-row")).click();
          assertThat(shown(By.cssSelector("[class*='attachment__'] pre")).getText())
              .isEqualToIgnoringWhitespace(
                  Files.readString(TOLD.resolve(attachment.path("source").asText())));
        }
      }
    }
    assertThat(consoleErrors()).isEmpty();
  }

  /** Without line breaks, which Allure makes of its own. */
  private static boolean isShown(JsonNode result, String overview) {
    String whereItStands = result.path("description").asText().replaceFirst("(?s).*\n", "");
    String message = result.path("statusDetails").path("message").asText();
    return Stream.of(whereItStands, message)
        .allMatch(said -> unbroken(overview).contains(unbroken(said)));
  }

  private static String unbroken(String text) {
    return text.replaceAll("\\s+", " ").strip();
  }

  /** Clicks down to it, and returns its name. */
  private String openFirstClaim(int report) {
    epics();
    String node = "%s:nth-child(%d)".formatted(EPIC, report);
    while (!browser.findElement(By.cssSelector(node)).getTagName().equals("a")) {
      // Allure draws the tree anew after a click.
      shown(By.cssSelector(node + " > .node__title")).click();
      node += " > .node__children > .node:first-child";
    }
    WebElement claim = shown(By.cssSelector(node));
    String name = claim.findElement(By.className("node__name")).getText();
    claim.click();
    return name;
  }

  /** The tree's top nodes, drawn anew. */
  private List<WebElement> epics() {
    shown(By.cssSelector(".side-nav__link[href='#']")).click();
    shown(ENVIRONMENT);
    shown(By.cssSelector("a[href='#behaviors']")).click();
    shown(By.cssSelector(EPIC));
    return browser.findElements(By.cssSelector(EPIC));
  }

  private WebElement shown(By by) {
    return await(ExpectedConditions.visibilityOfElementLocated(by));
  }

  private <T> T await(ExpectedCondition<T> condition) {
    return new WebDriverWait(browser, PATIENCE)
        .withMessage(
            () ->
                "%s, but %s shows: %s"
                    .formatted(condition, REPORT, browser.findElement(BODY).getText()))
        .until(condition);
  }

  private List<String> consoleErrors() {
    return browser.manage().logs().get(LogType.BROWSER).getAll().stream()
        .filter(entry -> entry.getLevel().equals(Level.SEVERE))
        .map(LogEntry::getMessage)
        .toList();
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

  private static ChromeOptions options(Path profile) {
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    ChromeOptions options = new ChromeOptions();
    options.setCapability(ChromeOptions.LOGGING_PREFS, logs);
    options.setBinary(
        installed("google-chrome", "google-chrome-stable", "chromium", "chromium-browser")
            .toFile());
    options.addArguments(
        "--headless=new",
        "--user-data-dir=" + profile,
        "--window-size=1400,1000",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-dev-shm-usage",
        "--host-resolver-rules=MAP * ~NOTFOUND");
    if (System.getProperty("user.name").equals("root")) {
      options.addArguments("--no-sandbox");
    }
    return options;
  }

  private static Path installed(String... names) {
    return Stream.of(names)
        .flatMap(
            name ->
                Stream.of(System.getenv("PATH").split(File.pathSeparator))
                    .map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(
            () ->
                new TestAbortedException(
                    "no browser opened the report, since none of "
                        + String.join(", ", names)
                        + " is on PATH; install Chromium and its driver, on Debian: apt-get"
                        + " install chromium chromium-driver"));
  }
}
