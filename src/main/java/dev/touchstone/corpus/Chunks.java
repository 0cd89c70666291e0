package dev.touchstone.corpus;

/** The chunks of a corpus, in order. Equal corpora cut by equal rules are equal chunks. */
public record Chunks(Corpus corpus, Chunking chunking) {
  /** How many there are. */
  public int count() {
    return chunking.count(corpus.length());
  }

  /**
   * The token ids of one, [{@link Chunking#length}].
   *
   * @throws IndexOutOfBoundsException when there are not that many
   */
  public int[] chunk(int index) {
    if (index < 0 || index >= count()) {
      throw new IndexOutOfBoundsException("no chunk " + index + " among " + count());
    }
    return corpus.tokens(index * chunking.length(), chunking.length());
  }

  /** How many tokens are predicted: all but the first of each chunk. */
  public int predictedTokens() {
    return count() * (chunking.length() - 1);
  }

  /** All that a measurement on them can depend on, in one word. */
  public String identity() {
    return corpus.identity() + "/" + count() + "x" + chunking.length();
  }
}
