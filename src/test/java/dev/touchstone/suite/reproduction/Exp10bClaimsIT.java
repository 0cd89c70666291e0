package dev.touchstone.suite.reproduction;

import org.junit.jupiter.api.Tag;

/** exp10b: mean-ablation of heads. */
@Tag("exp10b")
class Exp10bClaimsIT implements EveryClaim {
  @Override
  public String report() {
    return "exp10b";
  }
}
