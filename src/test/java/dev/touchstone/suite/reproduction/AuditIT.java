package dev.touchstone.suite.reproduction;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

/** The reports against themselves and each other, by arithmetic on what they print. */
@Tag("audit")
class AuditIT {
  @ParameterizedTest(name = "{0}")
  @ArgumentsSource(ClaimCases.Audited.class)
  void printedFiguresAgree(ClaimCase claim) {
    claim.audit();
  }
}
