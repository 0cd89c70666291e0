package dev.touchstone.suite.reproduction;

import dev.touchstone.suite.observation.Tier;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;

/** What takes passes over 2048 tokens. */
@Order(2)
@Tag("2k")
class ShortTextClaimsIT implements ClaimsOfTier {
  @Override
  public Tier tier() {
    return Tier.TWO_K;
  }
}
