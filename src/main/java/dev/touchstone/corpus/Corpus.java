package dev.touchstone.corpus;

import dev.touchstone.runtime.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * A text as token ids. Two are equal when they are the same number of first tokens of the same text
 * by the same tokenizer, whatever they are called.
 */
public final class Corpus {
  private final String name;
  private final String textSha256;
  private final String tokenizer;
  private final int[] tokens;

  Corpus(String name, String textSha256, String tokenizer, int[] tokens) {
    this.name = name;
    this.textSha256 = textSha256;
    this.tokenizer = tokenizer;
    this.tokens = tokens;
  }

  /** Encodes a text at once, as it stands. */
  public static Corpus of(String name, String text, Tokenizer tokenizer) {
    return new Corpus(name, sha256(text), tokenizer.name(), tokenizer.encode(text));
  }

  static String sha256(String text) {
    return Sha256.of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** What people call it. */
  public String name() {
    return name;
  }

  /** The hash of the text, whatever it is tokenized by and however much of it this is. */
  public String textSha256() {
    return textSha256;
  }

  /**
   * What tells its tokens apart from any other's: the SHA-256 of the text and the tokenizer's name.
   * A beginning shares it with the whole, so that what was measured on the one serves the other.
   */
  public String source() {
    return textSha256 + " " + tokenizer;
  }

  /** How many tokens there are. */
  public int length() {
    return tokens.length;
  }

  /** A copy of all token ids. */
  public int[] tokens() {
    return tokens.clone();
  }

  /**
   * Its beginning; all of it when it has no more tokens than {@code count}.
   *
   * @throws IllegalArgumentException when {@code count} is negative
   */
  public Corpus firstTokens(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("a corpus has no first " + count + " tokens");
    }
    return count >= tokens.length
        ? this
        : new Corpus(name, textSha256, tokenizer, Arrays.copyOf(tokens, count));
  }

  /**
   * Its tokens cut by a rule.
   *
   * @throws IllegalArgumentException when it is too short for a single chunk
   */
  public Chunks chunks(Chunking chunking) {
    int length = chunking.length();
    if (chunking.count(tokens.length) == 0) {
      throw new IllegalArgumentException(
          "%s is too short for a chunk of %d tokens, which takes %d: choose a longer text or shorter chunks"
              .formatted(this, length, length + chunking.following()));
    }
    List<Chunk> all =
        IntStream.range(0, chunking.count(tokens.length))
            .map(index -> index * length)
            .mapToObj(start -> new Chunk(start, Arrays.copyOfRange(tokens, start, start + length)))
            .toList();
    return new Chunks(source(), length, all);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Corpus corpus
        && corpus.source().equals(source())
        && corpus.tokens.length == tokens.length;
  }

  @Override
  public int hashCode() {
    return Objects.hash(source(), tokens.length);
  }

  @Override
  public String toString() {
    return name + " (" + tokens.length + " " + tokenizer + " tokens)";
  }
}
