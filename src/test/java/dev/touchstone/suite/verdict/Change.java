package dev.touchstone.suite.verdict;

/**
 * What is otherwise than in an earlier run.
 *
 * @param claim its id
 * @param before as it was then; empty of what there was not
 * @param after as it is now; empty of what there is no more
 * @param sentence all of it, for readers
 */
public record Change(String claim, What what, String before, String after, String sentence) {
  /** What has changed. */
  public enum What {
    /** The verdict. */
    VERDICT("verdict"),
    /** What was measured, by more than the tolerance. */
    FIGURE("figure"),
    /** What the ledger knows. */
    LEDGER("ledger"),
    /** What is claimed, or of what it is measured. */
    CLAIM("claim"),
    /** A claim that there was not. */
    ADDED("added"),
    /** A claim that there is no more. */
    REMOVED("removed");

    private final String word;

    What(String word) {
      this.word = word;
    }

    /** For readers. */
    public String word() {
      return word;
    }
  }
}
