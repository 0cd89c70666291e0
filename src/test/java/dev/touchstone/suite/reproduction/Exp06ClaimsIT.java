package dev.touchstone.suite.reproduction;

import org.junit.jupiter.api.Tag;

/** exp06: PCA of W_QK and what it costs in perplexity. */
@Tag("exp06")
class Exp06ClaimsIT implements EveryClaim {
  @Override
  public String report() {
    return "exp06";
  }
}
