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
    Assets assets = Assets.fromEnvironment();
    return of(assets, Experiments.laboratory(assets));
  }

  /** The same, with a laboratory that only counts what would be measured. */
  static Instruments rehearsing() {
    Assets assets = Assets.fromEnvironment();
    return of(assets, Laboratory.rehearsing(Experiments.record(assets)));
  }

  private static Instruments of(Assets assets, Laboratory laboratory) {
    Compute compute = Compute.fromProperties();
    return new Instruments(
        compute, laboratory, new Experiments(assets, Path.of("golden"), laboratory, compute));
  }

  @Override
  public void close() {
    laboratory.close();
  }
}
