package dev.touchstone.measurement;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.model.Gpt2;
import dev.touchstone.tensor.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Cross-entropy of next-token prediction, without ever holding the logits of a whole batch. */
public final class CrossEntropy {
  /** Logits held at once, as numbers: 32 MB of float32. */
  private static final int LOGITS_AT_ONCE = 1 << 23;

  private CrossEntropy() {}

  /**
   * Positions 0..n-2 of each chunk predict its tokens 1..n-1.
   *
   * @param residual the stream after the last block, [chunk, position, d_model]
   * @param chunks the chunks' token ids
   * @return a sum per chunk, float64 over float32 losses
   */
  public static List<LossSum> perChunk(Gpt2 model, NDArray residual, List<int[]> chunks) {
    int predicted = chunks.get(0).length - 1;
    long[] targets =
        chunks.stream()
            .flatMapToLong(chunk -> Arrays.stream(chunk, 1, chunk.length).asLongStream())
            .toArray();
    float[] losses = losses(model, residual, targets, predicted);
    List<LossSum> sums = new ArrayList<>(chunks.size());
    for (int chunk = 0; chunk < chunks.size(); chunk++) {
      double sum = 0;
      for (int i = chunk * predicted; i < (chunk + 1) * predicted; i++) {
        sum += losses[i];
      }
      sums.add(new LossSum(sum, predicted));
    }
    return sums;
  }

  private static float[] losses(Gpt2 model, NDArray residual, long[] targets, int predicted) {
    return Scope.measure(
        () -> {
          int width = model.config().width();
          NDArray rows = residual.get(":, 0:" + predicted).reshape(-1, width);
          NDManager manager = residual.getManager();
          NDArray wanted = manager.create(targets, new Shape(targets.length, 1));
          int block = Math.max(1, LOGITS_AT_ONCE / model.config().vocabulary());
          float[] losses = new float[targets.length];
          for (int from = 0; from < losses.length; from += block) {
            String range = from + ":" + Math.min(losses.length, from + block);
            NDArray part =
                Scope.compute(
                    () ->
                        model
                            .unembed(rows.get(range))
                            .logSoftmax(1)
                            .gather(wanted.get(range), 1)
                            .neg());
            float[] values = part.toFloatArray();
            System.arraycopy(values, 0, losses, from, values.length);
          }
          return losses;
        });
  }
}
