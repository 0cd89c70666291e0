package dev.touchstone.suite.reproduction;

import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The reports against themselves and each other, by arithmetic on what they print. */
@Tag("audit")
@ExtendWith(Fixtures.class)
class AuditIT {
  static Stream<ClaimCase> printedFiguresAgree(Suite suite) {
    return suite.auditedClaims();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void printedFiguresAgree(ClaimCase claim) {
    claim.audit();
  }
}
