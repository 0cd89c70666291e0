package dev.touchstone.suite.experiment.exp07;

/**
 * How many components are kept, as paths have it: {@code 8}, or {@code 8-of-768}, which is scaled
 * to the subject's d_model.
 */
final class ComponentCount {
  /** What a path may say. */
  static final String PATTERN = "\\d+(?:-of-\\d+)?";

  private ComponentCount() {}

  static int of(String text, int width) {
    String[] parts = text.split("-of-");
    int kept = Integer.parseInt(parts[0]);
    return parts.length == 1
        ? kept
        : Math.max(1, Math.round((float) kept * width / Integer.parseInt(parts[1])));
  }
}
