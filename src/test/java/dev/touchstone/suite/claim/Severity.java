package dev.touchstone.suite.claim;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How much of a report falls with a claim. */
public enum Severity {
  /** The report's conclusion. */
  BLOCKER,
  /** What the conclusion rests on. */
  CRITICAL,
  /** A figure among others. */
  NORMAL,
  /** A remark. */
  MINOR,
  /** A copy of a figure that stands elsewhere too. */
  TRIVIAL;

  /** The severity as claim files write it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<Severity> of(String word) {
    return Arrays.stream(values()).filter(each -> each.word().equals(word)).findFirst();
  }

  public static List<String> words() {
    return Arrays.stream(values()).map(Severity::word).toList();
  }
}
