package dev.touchstone.suite.verdict;

import dev.touchstone.corpus.Unavailable;

/** Why a claim was not evaluated. What goes wrong while measuring is no reason, and fails. */
public enum Absence {
  /** A file that it takes is not on this machine, or is not the one that is needed. */
  ASSET_MISSING("asset missing"),
  /** It takes passes over more text than the run was asked for. */
  TIER_NOT_ASKED("tier not asked for"),
  /** Touchstone does not measure it, or there is nothing to measure. */
  NOT_SUPPORTED("not supported");

  private final String words;

  Absence(String words) {
    this.words = words;
  }

  /** For readers. */
  public String words() {
    return words;
  }

  static Absence of(Unavailable.Kind kind) {
    return switch (kind) {
      case MISSING -> ASSET_MISSING;
      case NOT_ASKED_FOR -> TIER_NOT_ASKED;
      case NOT_SUPPORTED -> NOT_SUPPORTED;
    };
  }
}
