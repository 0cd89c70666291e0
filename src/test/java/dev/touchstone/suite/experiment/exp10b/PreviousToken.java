package dev.touchstone.suite.experiment.exp10b;

import ai.djl.ndarray.NDArray;
import dev.touchstone.corpus.Chunk;
import dev.touchstone.model.Head;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import dev.touchstone.runtime.Lazy;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observation;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How much of its attention a head gives to the token before the one it stands at, on average over
 * the positions that have one: near 1 for what the field calls a previous-token head.
 */
public final class PreviousToken implements Experiment {
  private final Effects effects;
  private final Lazy<Map<Head, Double>> attention;

  public PreviousToken(Effects effects) {
    this.effects = effects;
    attention = new Lazy<>(this::measure);
  }

  @Override
  public void register(Observables observables) {
    observables.add(
        "attention/" + Effects.HEAD + "/to-previous-token",
        a -> Observation.quantity(attention.get().get(effects.head(a.text("head")))));
  }

  private Map<Head, Double> measure() {
    Map<Head, Double> sums = new TreeMap<>();
    List<Chunk> chunks = effects.chunks().all();
    Hooks collect =
        (site, layer, activation) -> {
          long positions = activation.getShape().get(2);
          // Row i of the patterns from position 1 on, read at key i: position i + 1 looking back.
          NDArray back = activation.get(":, :, 1:").reshape(-1, positions - 1, positions);
          for (int head = 0; head < activation.getShape().get(1); head++) {
            float[] rows = back.get(head).toFloatArray();
            double sum = 0;
            for (int i = 0; i < positions - 1; i++) {
              sum += rows[(int) (i * positions + i)];
            }
            sums.merge(new Head(layer, head), sum / (positions - 1), Double::sum);
          }
          return activation;
        };
    for (Chunk chunk : chunks) {
      effects.watch(chunk, collect.only(Site.PATTERN));
    }
    sums.replaceAll((head, sum) -> sum / chunks.size());
    return sums;
  }
}
