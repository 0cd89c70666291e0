package dev.touchstone.suite.reproduction;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

/**
 * What the reports say of GPT-2, asked of nano144: information about generality. No answer fails;
 * an observable that cannot be observed there for no stated reason does.
 */
@Tag("nano144")
class Nano144ReplicationIT {
  @ParameterizedTest(name = "nano144: {0}")
  @ArgumentsSource(ClaimCases.Replicated.class)
  void asksNano144(ClaimCase claim) {
    claim.replicate();
  }
}
