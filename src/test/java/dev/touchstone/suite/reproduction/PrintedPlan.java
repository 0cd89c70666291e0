package dev.touchstone.suite.reproduction;

import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Alone in a build with {@code -Dtouchstone.plan}, and in no other: it prints and tests nothing.
 */
@Tag("plan")
class PrintedPlan {
  @Test
  void isPrinted() throws IOException {
    Suite.announce();
  }
}
