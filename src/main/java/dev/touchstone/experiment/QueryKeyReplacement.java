package dev.touchstone.experiment;

import dev.touchstone.corpus.Chunks;
import dev.touchstone.corpus.Once;
import dev.touchstone.decomposition.HeadClusters;
import dev.touchstone.decomposition.QueryKeyCircuit;
import dev.touchstone.experiment.Observables.Arguments;
import dev.touchstone.experiment.QueryKeyPca.Circuits;
import dev.touchstone.intervention.HeadSet;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.intervention.QueryChange;
import dev.touchstone.intervention.QueryKeyInjection;
import dev.touchstone.measurement.Bootstrap;
import dev.touchstone.measurement.LossSum;
import dev.touchstone.measurement.Observation;
import dev.touchstone.measurement.Observation.Quantity;
import dev.touchstone.measurement.Observation.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * exp06, 6B and 6C: every head's W_QK replaced by its reconstruction from K components, or by that
 * of its cluster's representative, and the perplexity of the test text.
 */
final class QueryKeyReplacement {
  private static final int CLUSTERING_DIMENSIONS = 20;
  private static final int SEED = 42;

  private final Bench bench;
  private final QueryKeyPca pca;
  private final Once<List<LossSum>> baseline;
  private final Map<String, Once<List<LossSum>>> losses = new ConcurrentHashMap<>();

  QueryKeyReplacement(Bench bench, QueryKeyPca pca) {
    this.bench = bench;
    this.pca = pca;
    this.baseline =
        new Once<>(
            () -> bench.laboratory().losses(bench.subject(), bench.test(), Intervention.BASELINE));
  }

  void register(Observables observables) {
    observables
        .add("exp06/baseline/perplexity", a -> perplexity(baseline.get()))
        .add("exp06/injection/{k:\\d+}/perplexity", a -> perplexity(rebuilt(a)))
        .add("exp06/injection/{k:\\d+}/ratio", a -> ratio(rebuilt(a)))
        .add(
            "exp06/injection/{k:\\d+}/perplexity-error",
            a -> Observation.quantity(Math.abs(value(rebuilt(a)) - value(baseline.get()))))
        .add(
            "exp06/injection/pseudo-inverse/difference",
            a -> Observation.quantity(Math.abs(value(pseudoInverse()) - value(baseline.get()))))
        .add(
            "exp06/injection/recovery/{from:\\d+}-to-{to:\\d+}",
            a ->
                Observation.quantity(
                    value(rebuilt(a.integer("from"))) / value(rebuilt(a.integer("to")))))
        .add("exp06/injection/ratios", a -> ratios())
        .add(
            "exp06/clusters/{k:\\d+}/replaced-heads",
            a -> Observation.quantity(clusters(a.integer("k")).replaced()))
        .add(
            "exp06/clusters/{k:\\d+}/largest-cluster",
            a -> Observation.quantity(clusters(a.integer("k")).sizes().get(0)))
        .add(
            "exp06/clusters/{k:\\d+}/inertia",
            a -> Observation.quantity(clusters(a.integer("k")).inertia()))
        .add("exp06/clusters/{k:\\d+}/perplexity", a -> perplexity(represented(a.integer("k"))))
        .add("exp06/clusters/{k:\\d+}/ratio", a -> ratio(represented(a.integer("k"))))
        .add(
            "exp06/clusters/{k:\\d+}/over-clusters/{other:\\d+}",
            a ->
                Observation.quantity(
                    value(represented(a.integer("k"))) / value(represented(a.integer("other")))))
        .add(
            "exp06/clusters/{k:\\d+}/over-injection",
            a ->
                Observation.quantity(
                    value(represented(a.integer("k"))) / value(rebuilt(a.integer("k")))));
  }

  private static double value(List<LossSum> losses) {
    return LossSum.total(losses).perplexity();
  }

  private static Quantity perplexity(List<LossSum> losses) {
    return new Quantity(value(losses), Optional.of(Bootstrap.perplexity(losses)));
  }

  private Quantity ratio(List<LossSum> losses) {
    return new Quantity(
        value(losses) / value(baseline.get()),
        Optional.of(Bootstrap.ratio(losses, baseline.get())));
  }

  private Series ratios() {
    return new Series(
        Stream.of(1, 3, 10, 32, 64, 80, 100, 110, 120, 130, 140, 144)
            .map(k -> value(rebuilt(k)) / value(baseline.get()))
            .toList());
  }

  private List<LossSum> rebuilt(Arguments arguments) {
    return rebuilt(arguments.integer("k"));
  }

  private List<LossSum> rebuilt(int k) {
    return injected(
        "pca-" + k, head -> circuit(head).injection(pca.circuits().reconstruction(head, k)));
  }

  private QueryKeyCircuit circuit(int head) {
    return pca.circuits().byHead().get(head);
  }

  /** W_Q made anew from all components, which loses what W_K does not see. */
  private List<LossSum> pseudoInverse() {
    return injected(
        "pseudo-inverse",
        head ->
            circuit(head)
                .pseudoInverseQuery(circuit(head).circuit())
                .subtract(circuit(head).query()));
  }

  private HeadClusters clusters(int k) {
    Circuits circuits = pca.circuits();
    double[][] points = new double[circuits.heads().size()][];
    for (int head = 0; head < points.length; head++) {
      points[head] = circuits.pca().coefficients(circuits.flat()[head], CLUSTERING_DIMENSIONS);
    }
    return HeadClusters.of(points, k, SEED);
  }

  private List<LossSum> represented(int k) {
    Once<HeadClusters> clusters = new Once<>(() -> clusters(k));
    return injected(
        "clusters-" + k,
        head -> {
          int representative = clusters.get().representative().get(head);
          return circuit(head).injection(circuit(representative).circuit());
        });
  }

  /** The losses with W_Q of every head changed by a matrix [d_model, d_head]. */
  private List<LossSum> injected(String name, IntFunction<RealMatrix> change) {
    return losses.computeIfAbsent(name, n -> new Once<>(() -> inject(n, change))).get();
  }

  private List<LossSum> inject(String name, IntFunction<RealMatrix> change) {
    Circuits circuits = pca.circuits();
    List<float[]> changes = new ArrayList<>();
    for (int head = 0; head < circuits.heads().size(); head++) {
      changes.add(floats(change.apply(head)));
    }
    Materials materials =
        Materials.NONE.with(
            name,
            new QueryChange(circuits.config().heads(), circuits.config().headWidth(), changes));
    Intervention intervention = new QueryKeyInjection(HeadSet.of(circuits.heads()), name);
    Chunks chunks = bench.test();
    return bench
        .laboratory()
        .losses(bench.subject(), chunks, List.of(intervention), materials)
        .get(intervention);
  }

  private static float[] floats(RealMatrix matrix) {
    int columns = matrix.getColumnDimension();
    float[] values = new float[matrix.getRowDimension() * columns];
    for (int row = 0; row < matrix.getRowDimension(); row++) {
      for (int column = 0; column < columns; column++) {
        values[row * columns + column] = (float) matrix.getEntry(row, column);
      }
    }
    return values;
  }
}
