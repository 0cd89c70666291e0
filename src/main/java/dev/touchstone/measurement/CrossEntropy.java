package dev.touchstone.measurement;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.model.Gpt2;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.KeyValueCache;
import dev.touchstone.model.TokenIds;
import dev.touchstone.statistics.LossSum;
import dev.touchstone.tensor.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Cross-entropy of next-token prediction, without ever holding the logits of a whole batch. */
public final class CrossEntropy {
  private CrossEntropy() {}

  /**
   * Positions 0..n-2 of each chunk predict its tokens 1..n-1.
   *
   * @param residual the stream after the last block, [chunk, position, d_model]
   * @param chunks the chunks' token ids
   * @return a sum per chunk, float64 over float32 losses
   * @throws IllegalArgumentException when the chunks are not all as long as the stream
   */
  public static List<LossSum> perChunk(Gpt2 model, NDArray residual, List<int[]> chunks) {
    return perToken(model, residual, chunks).stream().map(LossSum::of).toList();
  }

  /**
   * What the unmodified model makes of tokens that follow prompts.
   *
   * @param prompts of one length
   * @param continuations of one length, the same number for every prompt, those of a prompt one
   *     after the other
   * @return for each continuation the loss of each of its tokens in nats
   * @throws IllegalArgumentException when they are not of one length, or not as many for each
   *     prompt
   */
  public static List<double[]> ofContinuations(
      Gpt2 model, List<int[]> prompts, List<int[]> continuations) {
    int known = TokenIds.length(prompts) - 1;
    int copies = continuations.size() / prompts.size();
    if (copies * prompts.size() != continuations.size()) {
      throw new IllegalArgumentException(
          "%d continuations are not as many for each of %d prompts"
              .formatted(continuations.size(), prompts.size()));
    }
    List<int[]> predicted = new ArrayList<>(continuations.size());
    for (int i = 0; i < continuations.size(); i++) {
      int last = prompts.get(i / copies)[known];
      predicted.add(
          IntStream.concat(IntStream.of(last), Arrays.stream(continuations.get(i))).toArray());
    }
    try (KeyValueCache cache = new KeyValueCache(model.manager(), model.config().layers())) {
      return Scope.measure(
          () -> {
            NDManager manager = model.manager();
            if (known > 0) {
              List<int[]> before =
                  prompts.stream().map(prompt -> Arrays.copyOf(prompt, known)).toList();
              model.continued(Gpt2.ids(manager, before), Hooks.NONE, cache);
            }
            cache.repeat(copies);
            NDArray residual = model.continued(Gpt2.ids(manager, predicted), Hooks.NONE, cache);
            return perToken(model, residual, predicted);
          });
    }
  }

  /** The loss of each chunk's tokens from the second on, float64 of float32. */
  private static List<double[]> perToken(Gpt2 model, NDArray residual, List<int[]> chunks) {
    int predicted = TokenIds.length(chunks) - 1;
    Shape stream = residual.getShape();
    if (stream.get(0) != chunks.size() || stream.get(1) != predicted + 1) {
      throw new IllegalArgumentException(
          "a stream of shape %s is not that of %d chunks of %d tokens"
              .formatted(stream, chunks.size(), predicted + 1));
    }
    long[] targets =
        chunks.stream()
            .flatMapToLong(chunk -> Arrays.stream(chunk, 1, chunk.length).asLongStream())
            .toArray();
    float[] losses = losses(model, residual, targets, predicted);
    List<double[]> perToken = new ArrayList<>(chunks.size());
    for (int first = 0; first < losses.length; first += predicted) {
      int from = first;
      perToken.add(IntStream.range(0, predicted).mapToDouble(i -> losses[from + i]).toArray());
    }
    return perToken;
  }

  private static float[] losses(Gpt2 model, NDArray residual, long[] targets, int predicted) {
    return Scope.measure(
        () -> {
          int width = model.config().width();
          NDArray rows = residual.get(":, 0:" + predicted).reshape(-1, width);
          NDManager manager = residual.getManager();
          NDArray wanted = manager.create(targets, new Shape(targets.length, 1));
          return model.losses(rows, wanted);
        });
  }
}
