package dev.touchstone.corpus;

import java.io.Serializable;
import java.util.List;

/**
 * A corpus cut into chunks of one length.
 *
 * @param corpus what tells the corpus apart: the SHA-256 of its text and the tokenizer's name
 * @param length tokens in every chunk
 */
public record Chunks(String corpus, int length, List<Chunk> all) implements Serializable {
  /** There must be one, and each must be as long as they say. */
  public Chunks {
    all = List.copyOf(all);
    if (all.isEmpty()) {
      throw new IllegalArgumentException(
          "there is no chunk of " + length + " tokens of " + corpus + ", so nothing to measure on");
    }
    for (Chunk chunk : all) {
      if (chunk.tokens().length != length) {
        throw new IllegalArgumentException(
            "the chunk at %d of %s has %d tokens, not %d as all must have"
                .formatted(chunk.start(), corpus, chunk.tokens().length, length));
      }
    }
  }

  /** Every chunk with a token before it and without its last one, and so of the same length. */
  public Chunks after(int token) {
    return new Chunks(
        corpus + " each after token " + token,
        length,
        all.stream().map(chunk -> new Chunk(chunk.start(), after(token, chunk.tokens()))).toList());
  }

  private static int[] after(int token, int[] tokens) {
    int[] shifted = new int[tokens.length];
    shifted[0] = token;
    System.arraycopy(tokens, 0, shifted, 1, tokens.length - 1);
    return shifted;
  }
}
