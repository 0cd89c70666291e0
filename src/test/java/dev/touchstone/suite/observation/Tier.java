package dev.touchstone.suite.observation;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** How much text a claim is about, and so how long it takes to measure. */
public enum Tier {
  /** No pass over text: weights, data-set facts, arithmetic on printed figures. */
  NONE("none"),
  /** The first 2048 tokens. */
  TWO_K("2k"),
  /** Every token the report used. */
  FULL("full");

  private final String word;

  Tier(String word) {
    this.word = word;
  }

  /** The tier as claim files and JUnit tags write it. */
  public String word() {
    return word;
  }

  public static Optional<Tier> of(String word) {
    return Arrays.stream(values()).filter(tier -> tier.word.equals(word)).findFirst();
  }

  /**
   * How far GPT-2 may run over text in this build, as {@code touchstone.tier} says.
   *
   * @throws IllegalArgumentException when it says none of the three
   */
  public static Tier asked() {
    String word = System.getProperty("touchstone.tier", NONE.word);
    return of(word)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "touchstone.tier is \""
                        + word
                        + "\"; it can be "
                        + String.join(", ", words())));
  }

  public static List<String> words() {
    return Arrays.stream(values()).map(Tier::word).toList();
  }
}
