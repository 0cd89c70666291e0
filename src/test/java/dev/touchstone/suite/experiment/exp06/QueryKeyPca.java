package dev.touchstone.suite.experiment.exp06;

import dev.touchstone.decomposition.Pca;
import dev.touchstone.decomposition.QueryKeyCircuit;
import dev.touchstone.model.Head;
import dev.touchstone.model.WeightProcessing;
import dev.touchstone.runtime.Lazy;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observation.Names;
import dev.touchstone.suite.observation.Observation.Series;
import dev.touchstone.suite.subject.Bench;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;
import org.apache.commons.math3.stat.descriptive.rank.Median;

/**
 * exp06, part 6A: the W_QK of every head, flattened, under one mean-centred PCA; the plane of its
 * first two components; and the algebra of injecting another W_QK. Needs the attention weights
 * only.
 */
public final class QueryKeyPca implements Experiment {
  /** A head is isolated when its nearest neighbour is this many times the median head's away. */
  private static final double ISOLATED = 10;

  private final Lazy<HeadCircuits> circuits;
  private final Lazy<Pca> pca;

  public QueryKeyPca(Bench bench) {
    circuits = new Lazy<>(() -> HeadCircuits.of(bench.weights(WeightProcessing.TRANSFORMER_LENS)));
    pca = new Lazy<>(() -> Pca.of(circuits().flat()));
  }

  HeadCircuits circuits() {
    return circuits.get();
  }

  /** Of all heads' flattened W_QK. */
  Pca pca() {
    return pca.get();
  }

  @Override
  public void register(Observables observables) {
    observables
        .add("exp06/wqk/matrix/rows", arguments -> count(circuits().flat().length))
        .add("exp06/wqk/matrix/columns", arguments -> count(circuits().flat()[0].length))
        .add(
            "exp06/wqk/components/{threshold:\\d\\d}",
            arguments -> count(components(arguments.integer("threshold"))))
        .add(
            "exp06/wqk/variance/pc{i:\\d+}",
            arguments -> Observation.quantity(pca().spectrum().share(arguments.integer("i"))))
        .add(
            "exp06/wqk/cumulative-variance/{k:\\d+}",
            arguments ->
                Observation.quantity(pca().spectrum().cumulativeShare(arguments.integer("k"))))
        .add(
            "exp06/plane/pc1-layer-rank-correlation",
            arguments -> Observation.quantity(layerCorrelation()))
        .add(
            "exp06/plane/pc{i:[12]}",
            arguments ->
                new Series(
                    Arrays.stream(plane())
                        .map(place -> place[arguments.integer("i") - 1])
                        .toList()))
        .add("exp06/plane/isolated-heads", arguments -> isolatedHeads())
        .add(
            "exp06/plane/isolated-heads/deepest-layer",
            arguments ->
                count(
                    isolatedHeads().names().stream()
                        .mapToInt(name -> Head.parse(name).layer())
                        .max()
                        .orElse(-1)))
        .add(
            "exp06/identity/additive-injection-error",
            arguments -> Observation.quantity(worst(this::additiveInjectionError)))
        .add(
            "exp06/identity/zero-delta-error",
            arguments -> Observation.quantity(worst(this::zeroDeltaError)))
        .add(
            "exp06/identity/pseudo-inverse-lost-share",
            arguments -> Observation.quantity(leastLostShare()));
  }

  private static Observation count(int value) {
    return Observation.quantity(value);
  }

  private int components(int percent) {
    return pca().spectrum().componentsFor(percent / 100.0);
  }

  /** [head][2], the plane of the first two components. */
  private double[][] plane() {
    return circuits().coefficients(pca(), 2);
  }

  /** Spearman's correlation of a head's place along PC1 and its layer; PC1's sign is arbitrary. */
  private double layerCorrelation() {
    double[] along = new double[circuits().heads().size()];
    double[] layers = new double[along.length];
    double[][] plane = plane();
    for (int head = 0; head < along.length; head++) {
      along[head] = plane[head][0];
      layers[head] = circuits().heads().get(head).layer();
    }
    return Math.abs(new SpearmansCorrelation().correlation(along, layers));
  }

  /** Heads whose nearest neighbour in the plane is far, the farthest first. */
  private Names isolatedHeads() {
    double[][] plane = plane();
    double[] nearest = new double[plane.length];
    for (int a = 0; a < plane.length; a++) {
      nearest[a] = Double.POSITIVE_INFINITY;
      for (int b = 0; b < plane.length; b++) {
        if (a != b) {
          nearest[a] =
              Math.min(
                  nearest[a], Math.hypot(plane[a][0] - plane[b][0], plane[a][1] - plane[b][1]));
        }
      }
    }
    double far = ISOLATED * new Median().evaluate(nearest);
    List<Integer> isolated = new ArrayList<>();
    for (int head = 0; head < nearest.length; head++) {
      if (nearest[head] > far) {
        isolated.add(head);
      }
    }
    isolated.sort(Comparator.comparingDouble(head -> -nearest[head]));
    return new Names(
        isolated.stream().map(head -> circuits().heads().get(head).toString()).toList());
  }

  private double worst(ToDoubleFunction<Integer> error) {
    double worst = 0;
    for (int head = 0; head < circuits().heads().size(); head++) {
      worst = Math.max(worst, error.applyAsDouble(head));
    }
    return worst;
  }

  /** How far W_Q_new^T W_K is from the reconstruction by 64 components, relative to it. */
  private double additiveInjectionError(int head) {
    QueryKeyCircuit circuit = circuits().byHead().get(head);
    RealMatrix wanted =
        circuits().reconstruction(pca(), head, Math.min(64, circuits().heads().size()));
    QueryKeyCircuit injected =
        new QueryKeyCircuit(circuit.query().add(circuit.injection(wanted)), circuit.key());
    return injected.circuit().subtract(wanted).getFrobeniusNorm() / wanted.getFrobeniusNorm();
  }

  /** How much W_Q changes, relative to it, when all components are kept. */
  private double zeroDeltaError(int head) {
    QueryKeyCircuit circuit = circuits().byHead().get(head);
    RealMatrix wanted = circuits().reconstruction(pca(), head, circuits().heads().size());
    return circuit.injection(wanted).getFrobeniusNorm() / circuit.query().getFrobeniusNorm();
  }

  /**
   * The share of W_Q's squared norm that the pseudo-inverse loses with all components kept, of the
   * head that loses least.
   */
  private double leastLostShare() {
    double least = 1;
    for (QueryKeyCircuit circuit : circuits().byHead()) {
      RealMatrix lost = circuit.query().subtract(circuit.pseudoInverseQuery(circuit.circuit()));
      double share = Math.pow(lost.getFrobeniusNorm() / circuit.query().getFrobeniusNorm(), 2);
      least = Math.min(least, share);
    }
    return least;
  }
}
