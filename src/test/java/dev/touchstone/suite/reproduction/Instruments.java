package dev.touchstone.suite.reproduction;

import dev.touchstone.corpus.Assets;
import dev.touchstone.laboratory.Laboratory;
import dev.touchstone.suite.experiment.Experiments;
import dev.touchstone.tensor.Compute;
import java.nio.file.Path;

/** The experiments, where they compute, and the laboratory they measure in. */
record Instruments(Compute compute, Laboratory laboratory, Experiments experiments)
    implements AutoCloseable {

  static Instruments open() {
    Compute compute = Compute.fromProperties();
    Assets assets = Assets.fromEnvironment();
    Laboratory laboratory = Experiments.laboratory(assets);
    return new Instruments(
        compute, laboratory, new Experiments(assets, Path.of("golden"), laboratory, compute));
  }

  @Override
  public void close() {
    laboratory.close();
  }
}
