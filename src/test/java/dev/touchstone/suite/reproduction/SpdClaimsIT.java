package dev.touchstone.suite.reproduction;

import dev.touchstone.suite.observation.Tier;
import org.junit.jupiter.api.Tag;

/** spd: parameter components ablated in attention. */
@Tag("spd")
class SpdClaimsIT {
  @Tag("none")
  @ClaimsOf(value = "spd", tier = Tier.NONE)
  void withoutPasses(ClaimCase claim) {
    claim.judge();
  }

  @Tag("2k")
  @ClaimsOf(value = "spd", tier = Tier.TWO_K)
  void on2kTokens(ClaimCase claim) {
    claim.judge();
  }

  @Tag("full")
  @ClaimsOf(value = "spd", tier = Tier.FULL)
  void onAllTokens(ClaimCase claim) {
    claim.judge();
  }
}
