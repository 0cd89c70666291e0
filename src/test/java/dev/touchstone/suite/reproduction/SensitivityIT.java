package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.touchstone.suite.observation.Protocol;
import dev.touchstone.suite.page.SensitivityPage;
import dev.touchstone.suite.verdict.Sensitivity;
import io.qameta.allure.Allure;
import io.qameta.allure.Epic;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.opentest4j.TestAbortedException;

/** What becomes of exp10's claims when a choice of the protocol is made otherwise. */
@Tag("sensitivity")
@Epic("Sensitivity to the protocol")
@ExtendWith(Fixtures.class)
class SensitivityIT {
  /** A choice made otherwise on a subject. */
  record Case(String subject, Protocol protocol, Suite suite) {
    @Override
    public String toString() {
      return subject + ": " + protocol.words();
    }
  }

  /** Every choice on every subject. */
  static Stream<Case> isMeasuredBothWays(Suite suite) {
    return suite
        .subjects()
        .flatMap(
            subject ->
                Arrays.stream(Protocol.values())
                    .filter(protocol -> protocol != Protocol.REPORTS)
                    .map(protocol -> new Case(subject, protocol, suite)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void isMeasuredBothWays(Case varied) {
    Sensitivity sensitivity = varied.suite().vary(varied.subject(), varied.protocol());
    if (sensitivity.shifts().isEmpty()) {
      throw new TestAbortedException(String.join("; ", sensitivity.left().keySet()));
    }
    Allure.description(varied.protocol().account());
    Allure.addAttachment(
        "what changes", "text/markdown", SensitivityPage.section(sensitivity), "md");
    // Of a user's model nothing need cross a threshold, or change.
    assertThat(sensitivity.shifts())
        .as("a choice that changes no measurement at all was not made otherwise")
        .satisfiesAnyOf(
            shifts -> assertThat(varied.suite().isGiven()).isTrue(),
            shifts ->
                assertThat(shifts).anyMatch(shift -> !shift.reported().equals(shift.varied())));
  }
}
