package dev.touchstone.suite.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Windows of a text's tokens, as batches.
 *
 * @param tokens the text
 * @param length tokens in a window
 */
record TokenWindows(int[] tokens, int length) {
  /** Where the windows of a step start: the same whether or not a training was interrupted. */
  int[] drawn(long seed, int step, int batch) {
    SplittableRandom random = new SplittableRandom(seed * 1_000_003 + step);
    return random.ints(batch, 0, tokens.length - length).toArray();
  }

  /** The starts of one batch after the other, each window beginning where the last one ended. */
  Iterable<int[]> inOrder(int batch) {
    int batches = (tokens.length - 1) / (batch * length);
    return () ->
        IntStream.range(0, batches)
            .mapToObj(
                index ->
                    IntStream.range(0, batch).map(row -> (index * batch + row) * length).toArray())
            .iterator();
  }

  /** Token ids [window, position], read so many tokens after the starts. */
  NDArray ids(NDManager manager, int[] starts, int shift) {
    long[] ids = new long[starts.length * length];
    for (int row = 0; row < starts.length; row++) {
      for (int position = 0; position < length; position++) {
        ids[row * length + position] = tokens[starts[row] + position + shift];
      }
    }
    return manager.create(ids, new Shape(starts.length, length));
  }
}
