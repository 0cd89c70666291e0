package dev.touchstone.suite.experiment.exp07;

import dev.touchstone.decomposition.Pca;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observation;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.ArrayRealVector;

/** exp07, 7C: all layers' writes under one PCA, and how well its first components rebuild them. */
public final class SharedBasis implements Experiment {
  private final ResidualWrites writes;

  public SharedBasis(ResidualWrites writes) {
    this.writes = writes;
  }

  @Override
  public void register(Observables observables) {
    observables
        .add("exp07/pooled/rows", a -> Observation.quantity(pooled().length))
        .add("exp07/pooled/columns", a -> Observation.quantity(pooled()[0].length))
        .add(
            "exp07/components/shared/{threshold:\\d\\d}",
            a ->
                Observation.quantity(
                    writes
                        .pooledSpectrum(WriteSample.FIRST, writes.layers())
                        .componentsFor(WriteComponents.threshold(a))))
        .add(
            "exp07/components/shared-without-11/{threshold:\\d\\d}",
            a ->
                Observation.quantity(
                    writes
                        .pooledSpectrum(WriteSample.FIRST, writes.layers() - 1)
                        .componentsFor(WriteComponents.threshold(a))))
        .add(
            "exp07/reconstruction/shared/{k:" + ComponentCount.PATTERN + "}/cosine",
            a ->
                meanOverLayers(ComponentCount.of(a.text("k"), writes.width()), SharedBasis::cosine))
        .add(
            "exp07/reconstruction/shared/{k:" + ComponentCount.PATTERN + "}/relative-l2",
            a ->
                meanOverLayers(
                    ComponentCount.of(a.text("k"), writes.width()), SharedBasis::relativeError));
  }

  private double[][] pooled() {
    return writes.at(WriteSample.FIRST).pooled(writes.layers());
  }

  private interface Quality {
    double of(double[][] rows, double[][] rebuilt);
  }

  private Observation meanOverLayers(int k, Quality quality) {
    Pca basis = writes.sharedBasis();
    return Observation.quantity(
        IntStream.range(0, writes.layers())
            .mapToDouble(
                layer -> {
                  double[][] rows = writes.block(layer);
                  double[][] rebuilt =
                      Arrays.stream(rows)
                          .map(row -> basis.reconstruction(row, k))
                          .toArray(double[][]::new);
                  return quality.of(rows, rebuilt);
                })
            .average()
            .orElseThrow());
  }

  /** The mean over rows of the cosine of a row and its reconstruction. */
  private static double cosine(double[][] rows, double[][] rebuilt) {
    return IntStream.range(0, rows.length)
        .mapToDouble(
            i -> new ArrayRealVector(rows[i], false).cosine(new ArrayRealVector(rebuilt[i], false)))
        .average()
        .orElseThrow();
  }

  /** Mean error norm over mean norm. */
  private static double relativeError(double[][] rows, double[][] rebuilt) {
    double error = 0;
    double norm = 0;
    for (int i = 0; i < rows.length; i++) {
      ArrayRealVector row = new ArrayRealVector(rows[i], false);
      error += row.subtract(new ArrayRealVector(rebuilt[i], false)).getNorm();
      norm += row.getNorm();
    }
    return error / norm;
  }
}
