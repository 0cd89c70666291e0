package dev.touchstone.suite.reproduction;

import org.junit.jupiter.api.Tag;

/** exp10d: validation over all tokens and what generation recovers. */
@Tag("exp10d")
class Exp10dClaimsIT implements EveryClaim {
  @Override
  public String report() {
    return "exp10d";
  }
}
