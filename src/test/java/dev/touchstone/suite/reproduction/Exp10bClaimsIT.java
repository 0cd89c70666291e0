package dev.touchstone.suite.reproduction;

import dev.touchstone.suite.observation.Tier;
import org.junit.jupiter.api.Tag;

/** exp10b: mean-ablation of heads. */
@Tag("exp10b")
class Exp10bClaimsIT {
  @Tag("none")
  @ClaimsOf(value = "exp10b", tier = Tier.NONE)
  void withoutPasses(ClaimCase claim) {
    claim.judge();
  }

  @Tag("2k")
  @ClaimsOf(value = "exp10b", tier = Tier.TWO_K)
  void on2kTokens(ClaimCase claim) {
    claim.judge();
  }

  @Tag("full")
  @ClaimsOf(value = "exp10b", tier = Tier.FULL)
  void onAllTokens(ClaimCase claim) {
    claim.judge();
  }
}
