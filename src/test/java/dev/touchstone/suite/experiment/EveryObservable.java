package dev.touchstone.suite.experiment;

import dev.touchstone.corpus.Assets;
import dev.touchstone.laboratory.Laboratory;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observatory;
import dev.touchstone.suite.observation.Tier;
import dev.touchstone.tensor.Compute;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Every observable there is, for what reads claims without a run of the suite. */
public final class EveryObservable implements Observatory, AutoCloseable {
  private static final List<String> WITHOUT_WEIGHTS = List.of("corpus", "report");

  private final Laboratory laboratory;
  private final Experiments experiments;

  /**
   * @param record where what is measured would be kept
   */
  public EveryObservable(Path record) {
    this(Laboratory.at(record));
  }

  /**
   * @param laboratory closed with it
   */
  public EveryObservable(Laboratory laboratory) {
    this.laboratory = laboratory;
    this.experiments =
        new Experiments(
            Assets.fromEnvironment(), Path.of("golden"), laboratory, Compute.fromProperties());
  }

  @Override
  public List<String> subjects() {
    return Stream.concat(experiments.subjects().stream(), WITHOUT_WEIGHTS.stream()).toList();
  }

  @Override
  public Observables observables(String subject, Tier tier) {
    return experiments.observables(WITHOUT_WEIGHTS.contains(subject) ? "gpt2" : subject, tier);
  }

  @Override
  public void close() {
    laboratory.close();
  }
}
