package dev.touchstone.suite.reproduction;

import io.qameta.allure.Allure;
import io.qameta.allure.listener.TestLifecycleListener;
import io.qameta.allure.model.Label;
import io.qameta.allure.model.Status;
import io.qameta.allure.model.StatusDetails;
import io.qameta.allure.model.TestResult;
import io.qameta.allure.util.PropertiesUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Leaves to JUnit's part of Allure what the suite checks of itself. A claim has one page, in a
 * report of claims alone, which {@link AllureReport} writes once everything about it is known; the
 * tests that judge, audit and replicate it are no pages beside. Of what is skipped it keeps the
 * sentence that says why, and no stack trace. Allure finds this class by its service file.
 */
public final class ChecksAlone implements TestLifecycleListener {
  private static final Label TOLD_ELSEWHERE =
      new Label().setName("touchstone").setValue("told on its claim's page");

  /** Says that the running test is about a claim, whose page has what it found. */
  static void toldOnItsClaimsPage() {
    Allure.getLifecycle().updateTestCase(result -> result.getLabels().add(TOLD_ELSEWHERE));
  }

  @Override
  public void beforeTestWrite(TestResult result) {
    StatusDetails details = result.getStatusDetails();
    if (details != null && result.getStatus() == Status.SKIPPED) {
      details.setTrace(null);
    }
  }

  @Override
  public void afterTestWrite(TestResult result) {
    if (result.getLabels().contains(TOLD_ELSEWHERE)) {
      try {
        Files.deleteIfExists(folder().resolve(result.getUuid() + "-result.json"));
      } catch (IOException e) {
        throw new UncheckedIOException("a claim's test cannot be taken out of the checks", e);
      }
    }
  }

  private static Path folder() {
    return Path.of(
        PropertiesUtils.loadAllureProperties()
            .getProperty("allure.results.directory", "allure-results"));
  }
}
