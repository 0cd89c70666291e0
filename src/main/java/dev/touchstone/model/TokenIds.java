package dev.touchstone.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;

/** What a model can read of what it is given. */
public final class TokenIds {
  private TokenIds() {}

  /**
   * The length of sequences that go through a model together.
   *
   * @throws IllegalArgumentException when there is none, one is empty, or they are not all of one
   *     length
   */
  public static int length(List<int[]> sequences) {
    int[] lengths = sequences.stream().mapToInt(each -> each.length).distinct().toArray();
    if (lengths.length == 0 || Arrays.stream(lengths).anyMatch(length -> length == 0)) {
      throw new IllegalArgumentException(
          "there is no token to read; give every sequence at least one");
    }
    if (lengths.length > 1) {
      throw new IllegalArgumentException(
          "the sequences of a batch must be of one length, not of %d and %d tokens"
              .formatted(lengths[0], lengths[1]));
    }
    return lengths[0];
  }

  /**
   * Sequences as token ids [batch, position], int64.
   *
   * @throws IllegalArgumentException when they are not all of one length
   */
  public static NDArray of(NDManager manager, List<int[]> sequences) {
    int length = length(sequences);
    long[] ids =
        sequences.stream().flatMapToLong(each -> Arrays.stream(each).asLongStream()).toArray();
    return manager.create(ids, new Shape(sequences.size(), length));
  }

  /** Insists that all ids, [batch, position], int64, are of a vocabulary. */
  static void check(NDArray ids, int vocabulary) {
    Arrays.stream(ids.toLongArray())
        .filter(id -> id < 0 || id >= vocabulary)
        .findFirst()
        .ifPresent(
            id -> {
              throw new IllegalArgumentException(
                  "there is no token %d: the model's vocabulary goes from 0 to %d; take the tokenizer it was trained with"
                      .formatted(id, vocabulary - 1));
            });
  }
}
