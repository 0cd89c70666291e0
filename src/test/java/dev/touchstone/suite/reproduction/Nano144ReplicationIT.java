package dev.touchstone.suite.reproduction;

import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the reports say of GPT-2, asked of nano144: information about generality. No answer fails;
 * an observable that cannot be observed there for no stated reason does.
 */
@Tag("nano144")
@ExtendWith(Fixtures.class)
class Nano144ReplicationIT {
  static Stream<ClaimCase> asksNano144(Suite suite) {
    return suite.replicatedClaims();
  }

  @ParameterizedTest(name = "nano144: {0}")
  @MethodSource
  void asksNano144(ClaimCase claim) {
    claim.replicateOn("nano144");
  }
}
