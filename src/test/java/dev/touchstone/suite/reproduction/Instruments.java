package dev.touchstone.suite.reproduction;

import dev.touchstone.corpus.Assets;
import dev.touchstone.laboratory.Laboratory;
import dev.touchstone.suite.experiment.Experiments;
import dev.touchstone.suite.observation.Grid;
import dev.touchstone.suite.subject.GivenModel;
import dev.touchstone.tensor.Compute;
import java.nio.file.Path;
import java.util.Optional;

/** The experiments, where they compute, and the laboratory they measure in. */
record Instruments(
    Compute compute, Laboratory laboratory, Experiments experiments, Optional<GivenModel> given)
    implements AutoCloseable {
  private static final Path GOLDEN = Path.of("golden");

  static Instruments open() {
    Assets assets = Assets.fromEnvironment();
    Optional<GivenModel> given = GivenModel.fromProperties(assets, GOLDEN);
    return of(assets, Experiments.laboratory(assets), given);
  }

  /** The same, with a laboratory that only counts what would be measured. */
  static Instruments rehearsing() {
    Assets assets = Assets.fromEnvironment();
    Optional<GivenModel> given = GivenModel.fromProperties(assets, GOLDEN);
    return of(assets, Laboratory.rehearsing(Experiments.record(assets)), given);
  }

  /** With a user's model, where one is given. */
  static Instruments of(Assets assets, Laboratory laboratory, Optional<GivenModel> given) {
    Compute compute = Compute.fromProperties();
    return new Instruments(
        compute, laboratory, new Experiments(assets, GOLDEN, laboratory, compute, given), given);
  }

  /** The grid of a subject that is asked what the reports say of theirs. */
  Grid grid(String subject) {
    return given.filter(model -> model.name().equals(subject)).isPresent()
        ? experiments.bench(subject).grid()
        : Grid.REPORTS;
  }

  @Override
  public void close() {
    laboratory.close();
  }
}
