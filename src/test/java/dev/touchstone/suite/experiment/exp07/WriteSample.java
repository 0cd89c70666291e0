package dev.touchstone.suite.experiment.exp07;

import dev.touchstone.corpus.Chunks;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;

/** At which positions of the test text the writes are taken (exp07 takes the first). */
enum WriteSample {
  /** The first 1000 positions. */
  FIRST,
  /** The same but for the first position of each chunk. */
  FIRST_WITHOUT_0,
  /** 1000 positions evenly spaced over all chunks. */
  SPREAD,
  /** 1000 positions evenly spaced over all chunks but for the first of each. */
  SPREAD_WITHOUT_0;

  private static final int SIZE = 1000;

  /** How paths name one. */
  static final String WORDS = "first|first-without-0|spread|spread-without-0";

  static WriteSample of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  /**
   * Positions in the chunks laid end to end, ascending.
   *
   * @throws IllegalStateException when there are fewer than 1000
   */
  int[] positions(Chunks chunks) {
    int length = chunks.length();
    int[] every = IntStream.range(0, chunks.all().size() * length).toArray();
    int[] later = Arrays.stream(every).filter(position -> position % length != 0).toArray();
    if (later.length < SIZE) {
      throw new IllegalStateException(
          "the test text has only " + every.length + " of the " + SIZE + " positions");
    }
    return switch (this) {
      case FIRST -> Arrays.copyOf(every, SIZE);
      case FIRST_WITHOUT_0 -> Arrays.stream(later).filter(position -> position < SIZE).toArray();
      case SPREAD -> spaced(every);
      case SPREAD_WITHOUT_0 -> spaced(later);
    };
  }

  private static int[] spaced(int[] among) {
    return IntStream.range(0, SIZE)
        .map(i -> among[(int) ((long) i * among.length / SIZE)])
        .toArray();
  }
}
