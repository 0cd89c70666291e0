package dev.touchstone.suite.reproduction;

import io.qameta.allure.listener.TestLifecycleListener;
import io.qameta.allure.model.Status;
import io.qameta.allure.model.StatusDetails;
import io.qameta.allure.model.TestResult;

/**
 * Keeps what is known not to hold from looking as if it held: its test passes, since the ledger
 * expects the verdict, and Allure shows it as broken, in yellow, between the green of what holds
 * and the red of what fails the build. Of what is skipped it keeps the sentence that says why, and
 * no stack trace. Allure finds this class by its service file.
 */
public final class KnownStatus implements TestLifecycleListener {
  @Override
  public void beforeTestWrite(TestResult result) {
    StatusDetails details = result.getStatusDetails();
    if (details == null) {
      return;
    }
    if (details.isKnown() && result.getStatus() == Status.PASSED) {
      result.setStatus(Status.BROKEN);
    }
    if (result.getStatus() == Status.SKIPPED) {
      details.setTrace(null);
    }
  }
}
