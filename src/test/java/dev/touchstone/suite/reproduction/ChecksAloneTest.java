package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;

import io.qameta.allure.model.Status;
import io.qameta.allure.model.StatusDetails;
import io.qameta.allure.model.TestResult;
import org.junit.jupiter.api.Test;

class ChecksAloneTest {
  private final StatusDetails details =
      new StatusDetails().setMessage("not here").setTrace("at dev.touchstone");

  @Test
  void whatIsSkippedSaysWhyAndShowsNoTrace() {
    new ChecksAlone().beforeTestWrite(result(Status.SKIPPED));
    assertThat(details.getMessage()).isEqualTo("not here");
    assertThat(details.getTrace()).isNull();
  }

  @Test
  void whatFailsKeepsItsTrace() {
    new ChecksAlone().beforeTestWrite(result(Status.FAILED));
    assertThat(details.getTrace()).isEqualTo("at dev.touchstone");
  }

  private TestResult result(Status status) {
    return new TestResult().setStatus(status).setStatusDetails(details);
  }
}
