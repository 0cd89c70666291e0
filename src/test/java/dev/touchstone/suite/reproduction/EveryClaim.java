package dev.touchstone.suite.reproduction;

import dev.touchstone.suite.observation.Tier;
import java.util.stream.Stream;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Judges every claim of a report, a test each, by how much text the claim is about: what costs
 * little comes first, so that there are verdicts to look at while the rest is measured.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@ExtendWith(Fixtures.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
interface EveryClaim {
  /** The report's short name, {@code exp06}. */
  String report();

  default Stream<ClaimCase> withoutPasses(Suite suite) {
    return suite.claims(report(), Tier.NONE);
  }

  @Order(1)
  @Tag("none")
  @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
  @MethodSource
  default void withoutPasses(ClaimCase claim) {
    claim.judge();
  }

  default Stream<ClaimCase> on2kTokens(Suite suite) {
    return suite.claims(report(), Tier.TWO_K);
  }

  @Order(2)
  @Tag("2k")
  @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
  @MethodSource
  default void on2kTokens(ClaimCase claim) {
    claim.judge();
  }

  default Stream<ClaimCase> onAllTokens(Suite suite) {
    return suite.claims(report(), Tier.FULL);
  }

  @Order(3)
  @Tag("full")
  @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
  @MethodSource
  default void onAllTokens(ClaimCase claim) {
    claim.judge();
  }
}
