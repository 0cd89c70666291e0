package dev.touchstone.suite.experiment.exp10b;

import dev.touchstone.corpus.Chunk;
import dev.touchstone.measurement.PreviousToken;
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

/** How much heads attend to the token before, on average over chunks. */
public final class PreviousTokenHeads implements Experiment {
  private final Effects effects;
  private final Lazy<Map<Head, Double>> attention;

  public PreviousTokenHeads(Effects effects) {
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
          double[] scores = PreviousToken.scores(activation.get(0));
          for (int head = 0; head < scores.length; head++) {
            sums.merge(new Head(layer, head), scores[head], Double::sum);
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
