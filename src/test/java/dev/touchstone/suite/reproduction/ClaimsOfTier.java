package dev.touchstone.suite.reproduction;

import dev.touchstone.suite.observation.Tier;
import java.util.stream.Stream;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Judges every claim that is about so much text, a test each, of one report after the other. What
 * costs little is a class before what costs much, so that there are verdicts of all reports to look
 * at while the rest is measured.
 */
@TestMethodOrder(MethodOrderer.MethodName.class)
@ExtendWith(Fixtures.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
interface ClaimsOfTier {
  /** How much text the claims are about. */
  Tier tier();

  /** The claims of exp06. */
  default Stream<ClaimCase> exp06(Suite suite) {
    return suite.claims("exp06", tier());
  }

  @Tag("exp06")
  @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
  @MethodSource
  default void exp06(ClaimCase claim) {
    claim.judge();
  }

  /** The claims of exp07. */
  default Stream<ClaimCase> exp07(Suite suite) {
    return suite.claims("exp07", tier());
  }

  @Tag("exp07")
  @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
  @MethodSource
  default void exp07(ClaimCase claim) {
    claim.judge();
  }

  /** The claims of exp10's earlier phases. */
  default Stream<ClaimCase> exp10(Suite suite) {
    return suite.claims("exp10", tier());
  }

  @Tag("exp10")
  @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
  @MethodSource
  default void exp10(ClaimCase claim) {
    claim.judge();
  }

  /** The claims of exp10b. */
  default Stream<ClaimCase> exp10b(Suite suite) {
    return suite.claims("exp10b", tier());
  }

  @Tag("exp10b")
  @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
  @MethodSource
  default void exp10b(ClaimCase claim) {
    claim.judge();
  }

  /** The claims of exp10d. */
  default Stream<ClaimCase> exp10d(Suite suite) {
    return suite.claims("exp10d", tier());
  }

  @Tag("exp10d")
  @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
  @MethodSource
  default void exp10d(ClaimCase claim) {
    claim.judge();
  }

  /** The claims of spd. */
  default Stream<ClaimCase> spd(Suite suite) {
    return suite.claims("spd", tier());
  }

  @Tag("spd")
  @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
  @MethodSource
  default void spd(ClaimCase claim) {
    claim.judge();
  }
}
