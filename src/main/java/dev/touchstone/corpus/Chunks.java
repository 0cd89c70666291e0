package dev.touchstone.corpus;

import java.util.List;

/**
 * A corpus cut into chunks of one length.
 *
 * @param corpus what tells the corpus apart: the SHA-256 of its text and the tokenizer's name
 * @param length tokens in every chunk
 */
public record Chunks(String corpus, int length, List<Chunk> all) {
  public Chunks {
    all = List.copyOf(all);
  }
}
