package dev.touchstone.corpus;

/**
 * A rule for cutting tokens into chunks of one length, one after the other, none shorter.
 *
 * @param length of a chunk, in tokens
 * @param following how many tokens must be left after a chunk for it to count
 */
public record Chunking(int length, int following) {
  /** A chunk of one token predicts nothing. */
  public Chunking {
    if (length < 2 || following < 0) {
      throw new IllegalArgumentException(
          "chunks of " + length + " tokens with " + following + " following make no sense");
    }
  }

  /** Every whole chunk: starts at 0, n, 2n, ... while {@code start <= tokens - n}. */
  public static Chunking every(int length) {
    return new Chunking(length, 0);
  }

  /** Every chunk that text follows: starts at 0, n, 2n, ... while {@code start < tokens - n}. */
  public static Chunking followed(int length) {
    return new Chunking(length, 1);
  }

  /** How many chunks so many tokens give. */
  public int count(int tokens) {
    return Math.max(0, (tokens - following) / length);
  }
}
