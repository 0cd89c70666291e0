package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;

import io.qameta.allure.listener.TestLifecycleListener;
import io.qameta.allure.model.Status;
import io.qameta.allure.model.StatusDetails;
import io.qameta.allure.model.TestResult;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class KnownStatusTest {
  /** Without its service file, Allure shows in green what is refuted. */
  @Test
  void allureFindsIt() {
    assertThat(ServiceLoader.load(TestLifecycleListener.class))
        .hasAtLeastOneElementOfType(KnownStatus.class);
  }

  @Test
  void whatIsKnownNotToHoldIsNoPass() {
    TestResult result =
        new TestResult()
            .setStatus(Status.PASSED)
            .setStatusDetails(new StatusDetails().setKnown(true));

    new KnownStatus().beforeTestWrite(result);

    assertThat(result.getStatus()).isEqualTo(Status.BROKEN);
  }
}
