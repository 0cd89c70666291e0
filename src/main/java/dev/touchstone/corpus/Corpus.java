package dev.touchstone.corpus;

import dev.touchstone.model.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

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

  /** What makes it equal to another, in one word: text, tokenizer and number of tokens. */
  public String identity() {
    return textSha256 + "/" + tokenizer + "/" + tokens.length;
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

  /** Its tokens cut by a rule. */
  public Chunks chunks(Chunking chunking) {
    return new Chunks(this, chunking);
  }

  /** A copy of {@code count} token ids from {@code start} on. */
  int[] tokens(int start, int count) {
    return Arrays.copyOfRange(tokens, start, start + count);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Corpus corpus && corpus.identity().equals(identity());
  }

  @Override
  public int hashCode() {
    return identity().hashCode();
  }

  @Override
  public String toString() {
    return name + " (" + tokens.length + " " + tokenizer + " tokens)";
  }
}
