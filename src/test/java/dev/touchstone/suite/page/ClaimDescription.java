package dev.touchstone.suite.page;

import java.util.Map;

/** Everything known about a claim but its verdict's sentence, as HTML for Allure's page of it. */
public final class ClaimDescription {
  private static final Templates TEMPLATES = new Templates();

  private ClaimDescription() {}

  /** The part of a page that follows the sentence. */
  public static String of(ClaimPage claim) {
    return TEMPLATES.fill("claim.ftlh", Map.of("claim", claim));
  }
}
