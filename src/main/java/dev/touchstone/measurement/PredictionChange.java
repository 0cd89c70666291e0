package dev.touchstone.measurement;

import ai.djl.ndarray.NDArray;
import dev.touchstone.tensor.Divergence;
import dev.touchstone.tensor.Scope;
import java.util.List;

/**
 * How far a change moves a model's predictions: two metrics over the first sequence of a batch only
 * (docs/protocol.md, "Metrics").
 *
 * @param changed positions whose largest logit is another
 * @param positions how many there are
 * @param meanKlDivergence KL(baseline || ablated) in nats, averaged over positions, then over
 *     samples
 */
public record PredictionChange(long changed, long positions, double meanKlDivergence) {
  /** The share of positions whose most likely token changed. */
  public double fracTop1Changed() {
    return changed / (double) positions;
  }

  /**
   * Of one sample.
   *
   * @param baseline logits [batch, position, vocabulary]
   * @param ablated logits of the same shape
   */
  public static PredictionChange between(NDArray baseline, NDArray ablated) {
    return Scope.measure(
        () -> {
          NDArray before = baseline.get(0);
          NDArray after = ablated.get(0);
          long changed = before.argMax(1).neq(after.argMax(1)).sum().getLong();
          double sum = 0;
          float[] divergences = Divergence.kl(before, after).toFloatArray();
          for (float divergence : divergences) {
            sum += divergence;
          }
          return new PredictionChange(changed, divergences.length, sum / divergences.length);
        });
  }

  /** Of several samples. */
  public static PredictionChange over(List<PredictionChange> samples) {
    return new PredictionChange(
        samples.stream().mapToLong(PredictionChange::changed).sum(),
        samples.stream().mapToLong(PredictionChange::positions).sum(),
        samples.stream().mapToDouble(PredictionChange::meanKlDivergence).average().orElseThrow());
  }
}
