package dev.touchstone.suite.reproduction;

import dev.touchstone.suite.observation.Tier;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;

/** What takes no pass over text: weights, facts about the texts, arithmetic on printed figures. */
@Order(1)
@Tag("none")
class WithoutTextClaimsIT implements ClaimsOfTier {
  @Override
  public Tier tier() {
    return Tier.NONE;
  }
}
