package dev.touchstone.suite.experiment.exp10b;

import ai.djl.ndarray.NDArray;
import dev.touchstone.corpus.Chunk;
import dev.touchstone.measurement.Induction;
import dev.touchstone.measurement.PreviousToken;
import dev.touchstone.model.Gpt2Config;
import dev.touchstone.model.Head;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import dev.touchstone.runtime.Lazy;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observation.Series;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * How much heads attend to where the field looks: in the text to the token before, in random tokens
 * said twice to the token after the one that stood there the first time.
 */
public final class AttendingHeads implements Experiment {
  /** Sequences of random tokens, of seeds 0, 1, ... */
  private static final int SEQUENCES = 16;

  /** Random tokens until they come again, where the context has room for them twice. */
  private static final int PERIOD = 64;

  private final Effects effects;
  private final Lazy<SortedMap<Head, Double>> previousToken;
  private final Lazy<SortedMap<Head, Double>> induction;

  public AttendingHeads(Effects effects) {
    this.effects = effects;
    previousToken =
        new Lazy<>(
            () ->
                onAverage(
                    effects.chunks().all().stream().map(Chunk::tokens).toList(),
                    PreviousToken::scores));
    induction = new Lazy<>(() -> onAverage(saidTwice(), Induction::scores));
  }

  @Override
  public void register(Observables observables) {
    observables
        .add(
            "attention/" + Effects.HEAD + "/to-previous-token",
            a -> Observation.quantity(previousToken.get().get(effects.head(a.text("head")))))
        .add("attention/to-previous-token", a -> ofAll(previousToken.get()))
        .add("attention/to-what-came-next", a -> ofAll(induction.get()));
  }

  /** By layer and index. */
  private static Series ofAll(SortedMap<Head, Double> scores) {
    return new Series(List.copyOf(scores.values()));
  }

  private List<int[]> saidTwice() {
    Gpt2Config config = effects.subject().config();
    int period = Math.min(PERIOD, config.context() / 2);
    return IntStream.range(0, SEQUENCES)
        .mapToObj(seed -> Induction.sequence(config.vocabulary(), period, seed))
        .toList();
  }

  private SortedMap<Head, Double> onAverage(
      List<int[]> sequences, Function<NDArray, double[]> score) {
    SortedMap<Head, Double> sums = new TreeMap<>();
    Hooks collect =
        (site, layer, activation) -> {
          double[] scores = score.apply(activation.get(0));
          for (int head = 0; head < scores.length; head++) {
            sums.merge(new Head(layer, head), scores[head], Double::sum);
          }
          return activation;
        };
    for (int[] sequence : sequences) {
      effects.watch(sequence, collect.only(Site.PATTERN));
    }
    sums.replaceAll((head, sum) -> sum / sequences.size());
    return sums;
  }
}
