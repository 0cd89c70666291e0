package dev.touchstone.suite.reproduction;

import dev.touchstone.suite.observation.Tier;
import org.junit.jupiter.api.Tag;

/** exp10d: validation over all tokens and what generation recovers. */
@Tag("exp10d")
class Exp10dClaimsIT {
  @Tag("none")
  @ClaimsOf(value = "exp10d", tier = Tier.NONE)
  void withoutPasses(ClaimCase claim) {
    claim.judge();
  }

  @Tag("2k")
  @ClaimsOf(value = "exp10d", tier = Tier.TWO_K)
  void on2kTokens(ClaimCase claim) {
    claim.judge();
  }

  @Tag("full")
  @ClaimsOf(value = "exp10d", tier = Tier.FULL)
  void onAllTokens(ClaimCase claim) {
    claim.judge();
  }
}
