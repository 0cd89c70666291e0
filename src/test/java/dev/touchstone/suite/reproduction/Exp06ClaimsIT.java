package dev.touchstone.suite.reproduction;

import dev.touchstone.suite.observation.Tier;
import org.junit.jupiter.api.Tag;

/** exp06: PCA of W_QK and what it costs in perplexity. */
@Tag("exp06")
class Exp06ClaimsIT {
  @Tag("none")
  @ClaimsOf(value = "exp06", tier = Tier.NONE)
  void withoutPasses(ClaimCase claim) {
    claim.judge();
  }

  @Tag("2k")
  @ClaimsOf(value = "exp06", tier = Tier.TWO_K)
  void on2kTokens(ClaimCase claim) {
    claim.judge();
  }

  @Tag("full")
  @ClaimsOf(value = "exp06", tier = Tier.FULL)
  void onAllTokens(ClaimCase claim) {
    claim.judge();
  }
}
