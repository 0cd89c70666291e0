package dev.touchstone.suite.fault;

import dev.touchstone.corpus.Assets;
import dev.touchstone.laboratory.Laboratory;
import dev.touchstone.suite.experiment.Experiments;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observatory;
import dev.touchstone.suite.observation.Tier;
import dev.touchstone.tensor.Compute;
import java.nio.file.Path;
import java.util.List;

/** The embedded subjects under the experiments that it was loaded with. */
public final class Specimen implements Observatory, AutoCloseable {
  private final Laboratory laboratory;
  private final Experiments experiments;

  /**
   * @param golden the repository's {@code golden} folder, or one with less text
   * @param record where it keeps what it measures
   */
  public Specimen(Path golden, Path record) {
    laboratory = Laboratory.at(record);
    experiments =
        new Experiments(Assets.fromEnvironment(), golden, laboratory, Compute.fromProperties());
  }

  @Override
  public List<String> subjects() {
    return experiments.subjects();
  }

  @Override
  public Observables observables(String subject, Tier tier) {
    return experiments.observables(subject, tier);
  }

  @Override
  public void close() {
    laboratory.close();
  }
}
