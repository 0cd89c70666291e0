package dev.touchstone.suite.reproduction;

import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Alone in a build with {@code -Dtouchstone.explain=CLAIM}, and in no other: it prints and tests
 * nothing.
 */
@Tag("explain")
class PrintedExplanation {
  @Test
  void isPrinted() throws IOException {
    System.out.println(Suite.explain(System.getProperty("touchstone.explain")));
  }
}
