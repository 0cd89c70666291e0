package dev.touchstone.suite.reproduction;

import dev.touchstone.suite.observation.Tier;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;

/** What takes passes over whole splits. */
@Order(3)
@Tag("full")
class WholeTextClaimsIT implements ClaimsOfTier {
  @Override
  public Tier tier() {
    return Tier.FULL;
  }
}
