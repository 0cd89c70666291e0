package dev.touchstone.suite.reproduction;

import dev.touchstone.suite.observation.Tier;
import org.junit.jupiter.api.Tag;

/** exp07: PCA of what the layers write. */
@Tag("exp07")
class Exp07ClaimsIT {
  @Tag("none")
  @ClaimsOf(value = "exp07", tier = Tier.NONE)
  void withoutPasses(ClaimCase claim) {
    claim.judge();
  }

  @Tag("2k")
  @ClaimsOf(value = "exp07", tier = Tier.TWO_K)
  void on2kTokens(ClaimCase claim) {
    claim.judge();
  }

  @Tag("full")
  @ClaimsOf(value = "exp07", tier = Tier.FULL)
  void onAllTokens(ClaimCase claim) {
    claim.judge();
  }
}
