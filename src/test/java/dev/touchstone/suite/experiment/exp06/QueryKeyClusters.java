package dev.touchstone.suite.experiment.exp06;

import dev.touchstone.decomposition.HeadClusters;
import dev.touchstone.decomposition.QueryKeyCircuit;
import dev.touchstone.runtime.Lazy;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observables.Arguments;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observation.Series;
import dev.touchstone.suite.subject.TestPerplexity.Cost;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * exp06, 6C: every head's W_QK replaced by that of the head nearest to the centre of its cluster.
 * k-means hangs on its random starts, so beside the report's one seed there are twenty.
 */
public final class QueryKeyClusters implements Experiment {
  /** The PCA coefficients that are clustered, as far as there are so many. */
  static final int DIMENSIONS = 20;

  private static final int SEED = 42;
  private static final int SEEDS = 20;
  private static final String CLUSTERS = "exp06/clusters/{k:\\d+}";

  private final QueryKeyPca pca;
  private final CircuitInjection wholeText;
  private final CircuitInjection beginning;
  private final Map<String, Lazy<HeadClusters>> clusters = new ConcurrentHashMap<>();

  /**
   * @param wholeText what the one seed's clusters are injected into
   * @param beginning what all seeds' are
   */
  public QueryKeyClusters(QueryKeyPca pca, CircuitInjection wholeText, CircuitInjection beginning) {
    this.pca = pca;
    this.wholeText = wholeText;
    this.beginning = beginning;
  }

  @Override
  public void register(Observables observables) {
    observables
        .add(CLUSTERS + "/replaced-heads", a -> Observation.quantity(clusters(a).replaced()))
        .add(CLUSTERS + "/largest-cluster", a -> Observation.quantity(largest(clusters(a))))
        .add(
            CLUSTERS + "/representatives",
            a ->
                new Series(
                    clusters(a).representative().stream().map(Integer::doubleValue).toList()))
        .add(CLUSTERS + "/inertia", a -> Observation.quantity(clusters(a).inertia()))
        .add(CLUSTERS + "/perplexity", a -> cost(a, "k").perplexityObserved())
        .add(CLUSTERS + "/ratio", a -> cost(a, "k").ratioObserved())
        .add(
            CLUSTERS + "/seeds/largest-cluster",
            a -> bySeed(seed -> largest(clusters(a.integer("k"), seed))))
        .add(
            CLUSTERS + "/seeds/inertia",
            a -> bySeed(seed -> clusters(a.integer("k"), seed).inertia()))
        .add(
            CLUSTERS + "/seeds/ratio",
            a -> bySeed(seed -> cost(beginning, a.integer("k"), seed).ratio()));
  }

  /** A number for each of twenty seeds, the report's first. */
  private static Series bySeed(IntToDoubleFunction number) {
    return new Series(IntStream.range(SEED, SEED + SEEDS).mapToDouble(number).boxed().toList());
  }

  private static int largest(HeadClusters clusters) {
    return clusters.sizes().get(0);
  }

  private HeadClusters clusters(Arguments arguments) {
    return clusters(arguments.integer("k"), SEED);
  }

  private HeadClusters clusters(int k, int seed) {
    return clusters
        .computeIfAbsent(
            k + " by " + seed,
            key ->
                new Lazy<>(
                    () ->
                        HeadClusters.of(
                            pca.circuits()
                                .coefficients(
                                    pca.pca(),
                                    Math.min(DIMENSIONS, pca.pca().spectrum().variances().length)),
                            k,
                            seed)))
        .get();
  }

  private Cost cost(Arguments arguments, String k) {
    return cost(wholeText, arguments.integer(k), SEED);
  }

  private Cost cost(CircuitInjection injection, int k, int seed) {
    List<Integer> representative = clusters(k, seed).representative();
    List<QueryKeyCircuit> byHead = pca.circuits().byHead();
    return injection.cost(
        "clusters-" + k + "-by-" + seed,
        head -> byHead.get(head).injection(byHead.get(representative.get(head)).circuit()));
  }
}
