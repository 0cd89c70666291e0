package dev.touchstone.suite.verdict;

import dev.touchstone.suite.observation.Grid;

/**
 * A subject that is asked too what the reports say of theirs.
 *
 * @param name the subject's
 * @param page the name of the files that have what it shows
 * @param likeness what it shares with GPT-2 small and what not, as the predicate of a sentence
 * @param context tokens in a chunk of its text
 * @param chunks how many of them are measured where the reports measure 2048 tokens
 * @param grid its heads
 */
public record OtherSubject(
    String name, String page, String likeness, int context, int chunks, Grid grid) {
  private static final int TWO_K = 2048;

  /** A subject of GPT-2 small's grid on no less than 2048 tokens. */
  public OtherSubject(String name, String likeness, int context) {
    this(name, name, likeness, context, TWO_K / context, Grid.REPORTS);
  }
}
