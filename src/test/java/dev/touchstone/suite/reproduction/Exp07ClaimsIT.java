package dev.touchstone.suite.reproduction;

import org.junit.jupiter.api.Tag;

/** exp07: PCA of what the layers write. */
@Tag("exp07")
class Exp07ClaimsIT implements EveryClaim {
  @Override
  public String report() {
    return "exp07";
  }
}
