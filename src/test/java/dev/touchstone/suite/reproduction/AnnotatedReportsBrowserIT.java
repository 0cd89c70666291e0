package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.deque.html.axecore.results.Rule;
import com.deque.html.axecore.selenium.AxeBuilder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.opentest4j.TestAbortedException;

/** The annotated reports as a double-click opens them, against the verdicts that stand beside. */
@Tag("browser")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AnnotatedReportsBrowserIT {
  private static final Path REPORTS = Path.of(System.getProperty("touchstone.reports", "reports"));
  private static final Path PAGE = REPORTS.resolve("index.html");

  /** What a run of everything judges: {@code shared/tools/report_cells.py} counts the figures. */
  private static final int CLAIMS = 813;

  private static final int FIGURES = 543;

  private final List<JsonNode> verdicts = new ArrayList<>();
  private Path profile;
  private Browser browser;

  @BeforeAll
  void keepFolder(@TempDir Path empty) {
    profile = empty;
  }

  /** One browser for all; but each test that needs what is missing says so. */
  @BeforeEach
  void open() throws IOException {
    if (Files.notExists(PAGE)) {
      throw new TestAbortedException("this run judged nothing");
    }
    if (browser == null) {
      browser = Browser.start(profile);
      new ObjectMapper()
          .readTree(REPORTS.resolve("verdicts.json").toFile())
          .path("verdicts")
          .forEach(verdicts::add);
    }
    browser.open(PAGE);
  }

  @AfterEach
  void saysNothingInTheConsole() {
    if (browser != null) {
      assertThat(browser.consoleErrors()).isEmpty();
    }
  }

  @AfterAll
  void quit() {
    if (browser != null) {
      browser.close();
    }
  }

  @Test
  void everyFigureStandsThereWithItsVerdict() {
    List<List<String>> shown = attributes(".claim.fig", "data-claim", "data-verdict");
    assertThat(Set.copyOf(shown))
        .isEqualTo(
            verdicts.stream()
                .map(each -> List.of(text(each, "claim"), text(each, "verdict")))
                .collect(Collectors.toSet()));
    Set<String> judged = new TreeSet<>();
    for (JsonNode verdict : verdicts) {
      StreamSupport.stream(verdict.path("source").spliterator(), false)
          .map(JsonNode::asText)
          .filter(source -> source.matches(".*:t\\d+:r\\d+:c\\d+"))
          .forEach(judged::add);
    }
    Set<String> cells =
        attributes("[data-cell]:has(.claim)", "data-cell", "data-cell").stream()
            .map(each -> each.get(0))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(cells).isEqualTo(judged);
    if (verdicts.size() == CLAIMS) {
      assertThat(cells).hasSize(FIGURES);
    }
  }

  @Test
  void filtersByVerdictAndWords() {
    Predicate<JsonNode> negative = each -> text(each, "verdict").matches("REFUTED|INCONSISTENT");
    browser.shown(By.id("negatives")).click();
    assertThat(found()).isEqualTo(claims(negative));

    browser.shown(By.name("text")).sendKeys("perplexity");
    assertThat(found()).isSubsetOf(claims(negative));

    browser.shown(By.cssSelector("button[type=reset]")).click();
    browser.await(
        ExpectedConditions.textToBe(
            By.id("shown"), "%d of %d claims".formatted(verdicts.size(), verdicts.size())));
    assertThat(found()).isEqualTo(claims(each -> true));
  }

  @Test
  void aFigureTellsWhatWasMeasuredToTheKeyboardToo() {
    JsonNode told =
        verdicts.stream()
            .filter(each -> !text(each, "measured").isEmpty())
            .findFirst()
            .orElseThrow(() -> new TestAbortedException("this run measured nothing"));
    WebElement figure = figure(text(told, "claim"));
    WebElement tip = figure.findElement(By.className("tip"));
    assertThat(tip.isDisplayed()).isFalse();

    // Focus that the keyboard gives, which a script's does not count as.
    browser
        .driver()
        .executeScript(
            "arguments[0].scrollIntoView({block: 'center'}); document.activeElement.blur()",
            figure);
    browser.driver().executeScript("arguments[0].focus({focusVisible: true})", figure);
    browser.await(ExpectedConditions.visibilityOf(tip));
    assertThat(tip.getText()).contains(text(told, "measured"), text(told, "claim"));
    assertThat(figure.getDomAttribute("aria-describedby")).isEqualTo(tip.getDomAttribute("id"));
    assertThat(
            (Boolean)
                browser
                    .driver()
                    .executeScript(
                        "const box = arguments[0].getBoundingClientRect();"
                            + "return box.left >= 0 && box.right <= innerWidth",
                        tip))
        .as("the tip stays in the window")
        .isTrue();

    figure.sendKeys(Keys.ESCAPE);
    assertThat(tip.isDisplayed()).isFalse();
  }

  @Test
  void aFigureLeadsToItsClaimsPage() {
    for (String verdict : List.of("INCONSISTENT", "REFUTED", "REPRODUCED", "NOT_EVALUATED")) {
      verdicts.stream()
          .filter(each -> text(each, "verdict").equals(verdict))
          .findFirst()
          .ifPresent(
              each -> {
                browser.open(PAGE);
                WebElement figure = figure(text(each, "claim"));
                browser.driver().get(figure.getDomProperty("href"));
                assertThat(browser.shown(By.className("test-result__name")).getText())
                    .contains(text(each, "statement"));
              });
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"light", "dark"})
  void axeFindsNothing(String colours) throws Exception {
    browser.prefer(colours, "screen");
    List<String> violations =
        new AxeBuilder()
            .analyze(browser.driver()).getViolations().stream()
                .map(AnnotatedReportsBrowserIT::account)
                .toList();
    assertThat(violations).isEmpty();
  }

  @Test
  void printsWithoutWhatOnlyAScreenCanDo() throws Exception {
    browser.prefer("light", "print");
    assertThat(browser.driver().findElement(By.id("filter")).isDisplayed()).isFalse();
    assumeThat(verdicts).as("claims that this run judged").isNotEmpty();
    assertThat(browser.driver().findElement(By.cssSelector(".fig .mark")).isDisplayed()).isTrue();
  }

  private static String account(Rule rule) {
    return rule.getHelp()
        + ": "
        + rule.getNodes().stream()
            .limit(3)
            .map(node -> node.getHtml() + " " + node.getFailureSummary())
            .collect(Collectors.joining("; "));
  }

  private WebElement figure(String claim) {
    return browser.driver().findElement(By.cssSelector(".fig[data-claim='%s']".formatted(claim)));
  }

  /** Of a thousand elements, which takes a call each otherwise. */
  @SuppressWarnings("unchecked")
  private List<List<String>> attributes(String selector, String one, String other) {
    return (List<List<String>>)
        browser
            .driver()
            .executeScript(
                "return [...document.querySelectorAll(arguments[0])]"
                    + ".map(e => [e.getAttribute(arguments[1]), e.getAttribute(arguments[2])])",
                selector,
                one,
                other);
  }

  /** The claims that the filter leaves. */
  private Set<String> found() {
    return attributes(".claim.fig:not(.off)", "data-claim", "data-claim").stream()
        .map(each -> each.get(0))
        .collect(Collectors.toSet());
  }

  private Set<String> claims(Predicate<JsonNode> wanted) {
    return verdicts.stream()
        .filter(wanted)
        .map(each -> text(each, "claim"))
        .collect(Collectors.toSet());
  }

  private static String text(JsonNode verdict, String field) {
    return verdict.path(field).asText();
  }
}
