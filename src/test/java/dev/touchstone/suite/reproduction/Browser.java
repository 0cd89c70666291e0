package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import java.util.stream.Stream;
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

/** Chromium without a network, in which files open as a double-click opens them. */
final class Browser implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final String BLANK = "about:blank";
  private static final By BODY = By.tagName("body");

  private final ChromeDriverService service;
  private final RemoteWebDriver driver;

  private Browser(ChromeDriverService service, RemoteWebDriver driver) {
    this.service = service;
    this.driver = driver;
  }

  /**
   * Starts it.
   *
   * @param profile an empty folder for what the browser keeps
   * @throws TestAbortedException when no browser and driver are installed
   */
  static Browser start(Path profile) {
    ChromeOptions options = options(profile);
    // Selenium looks for no driver of its own when it is told of one.
    ChromeDriverService service = ChromeDriverService.createDefaultService();
    service.setExecutable(installed("chromedriver").toString());
    try {
      service.start();
    } catch (IOException e) {
      throw new UncheckedIOException("the browser's driver does not start", e);
    }
    RemoteWebDriver driver = new RemoteWebDriver(service.getUrl(), options, false);
    driver.manage().timeouts().pageLoadTimeout(PATIENCE).scriptTimeout(PATIENCE);
    return new Browser(service, driver);
  }

  /** Opens a file anew, whatever was open before. */
  void open(Path file) {
    driver.get(BLANK);
    driver.get(file.toUri().toString());
  }

  RemoteWebDriver driver() {
    return driver;
  }

  WebElement shown(By by) {
    return await(ExpectedConditions.visibilityOfElementLocated(by));
  }

  <T> T await(ExpectedCondition<T> condition) {
    return new WebDriverWait(driver, PATIENCE)
        .withMessage(
            () ->
                "%s, but %s shows: %s"
                    .formatted(
                        condition, driver.getCurrentUrl(), driver.findElement(BODY).getText()))
        .until(condition);
  }

  /** Shows the page as someone who prefers it so sees it. */
  void prefer(String colours, String medium) throws IOException, InterruptedException {
    String command =
        """
        {"cmd": "Emulation.setEmulatedMedia", "params":
          {"media": "%s", "features": [{"name": "prefers-color-scheme", "value": "%s"}]}}"""
            .formatted(medium, colours);
    URI driverOfSession =
        URI.create(
            "%s/session/%s/goog/cdp/execute".formatted(service.getUrl(), driver.getSessionId()));
    // Selenium's own class for Chrome wants what downloads browsers on the class path.
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(driverOfSession)
                    .POST(HttpRequest.BodyPublishers.ofString(command))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  List<String> consoleErrors() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .filter(entry -> entry.getLevel().equals(Level.SEVERE))
        .map(LogEntry::getMessage)
        .toList();
  }

  @Override
  public void close() {
    driver.quit();
    service.stop();
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
