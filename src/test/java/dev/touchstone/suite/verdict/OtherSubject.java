package dev.touchstone.suite.verdict;

/**
 * A subject that is asked too what the reports say of theirs.
 *
 * @param name the subject's
 * @param likeness what it shares with GPT-2 small and what not, as the predicate of a sentence
 * @param context tokens in a chunk of its text
 */
public record OtherSubject(String name, String likeness, int context) {
  private static final int TWO_K = 2048;

  /** How many chunks its first 2048 tokens are. */
  public int chunks() {
    return TWO_K / context;
  }
}
