package dev.touchstone.suite.experiment.exp07;

import dev.touchstone.corpus.Unavailable;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observables.Arguments;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observation.Names;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.stat.descriptive.moment.Mean;
import org.apache.commons.math3.stat.descriptive.moment.StandardDeviation;

/** exp07, 7A: how long the blocks' writes are, and how unequally. */
public final class WriteNorms implements Experiment {
  private final ResidualWrites writes;

  public WriteNorms(ResidualWrites writes) {
    this.writes = writes;
  }

  @Override
  public void register(Observables observables) {
    observables
        .add("exp07/positions", a -> Observation.quantity(writes.block(0).length))
        .add(
            "exp07/norm/{layer:\\d+}/mean", a -> Observation.quantity(meanNorm(a.integer("layer"))))
        .add(
            "exp07/norm/{layer:\\d+}/std",
            a -> Observation.quantity(deviation(norms(a.integer("layer")))))
        .add("exp07/norm/std-over-mean/rank/{n:\\d+}", this::layerOfDeviationRank);
  }

  private IntStream layers() {
    return IntStream.range(0, writes.layers());
  }

  private double[] norms(int layer) {
    return Arrays.stream(writes.block(layer))
        .mapToDouble(row -> new ArrayRealVector(row, false).getNorm())
        .toArray();
  }

  private double meanNorm(int layer) {
    return new Mean().evaluate(norms(layer));
  }

  /** The population's, as NumPy's default. */
  private static double deviation(double[] values) {
    return new StandardDeviation(false).evaluate(values);
  }

  private double relativeDeviation(int layer) {
    return deviation(norms(layer)) / meanNorm(layer);
  }

  private Observation layerOfDeviationRank(Arguments arguments) {
    List<Integer> ranked =
        layers()
            .boxed()
            .sorted(Comparator.comparingDouble(layer -> -relativeDeviation(layer)))
            .toList();
    int rank = arguments.integer("n");
    if (rank > ranked.size()) {
      throw Unavailable.notSupported(
          "Of %d layers none is number %d".formatted(ranked.size(), rank));
    }
    return new Names(List.of("L" + ranked.get(rank - 1)));
  }
}
