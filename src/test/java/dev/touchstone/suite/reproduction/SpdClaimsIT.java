package dev.touchstone.suite.reproduction;

import org.junit.jupiter.api.Tag;

/** spd: parameter components ablated in attention. */
@Tag("spd")
class SpdClaimsIT implements EveryClaim {
  @Override
  public String report() {
    return "spd";
  }
}
