package dev.touchstone.experiment;

import dev.touchstone.corpus.Once;
import dev.touchstone.decomposition.HeadClusters;
import dev.touchstone.decomposition.QueryKeyCircuit;
import dev.touchstone.experiment.Observables.Arguments;
import dev.touchstone.experiment.TestText.Cost;
import dev.touchstone.measurement.Observation;
import dev.touchstone.measurement.Observation.Series;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * exp06, 6C: every head's W_QK replaced by that of the head nearest to the centre of its cluster.
 * k-means hangs on its random starts, so beside the report's one seed there are twenty.
 */
final class QueryKeyClusters {
  /** The PCA coefficients that are clustered. */
  static final int DIMENSIONS = 20;

  private static final int SEED = 42;
  private static final int SEEDS = 20;
  private static final String CLUSTERS = "exp06/clusters/{k:\\d+}";

  private final QueryKeyPca pca;
  private final CircuitInjection wholeText;
  private final CircuitInjection beginning;
  private final QueryKeyReplacement replacement;
  private final Map<String, Once<HeadClusters>> clusters = new ConcurrentHashMap<>();

  /**
   * @param wholeText what the one seed's clusters are injected into
   * @param beginning what all seeds' are
   */
  QueryKeyClusters(
      QueryKeyPca pca,
      CircuitInjection wholeText,
      CircuitInjection beginning,
      QueryKeyReplacement replacement) {
    this.pca = pca;
    this.wholeText = wholeText;
    this.beginning = beginning;
    this.replacement = replacement;
  }

  void register(Observables observables) {
    observables
        .add(CLUSTERS + "/replaced-heads", a -> Observation.quantity(clusters(a).replaced()))
        .add(CLUSTERS + "/largest-cluster", a -> Observation.quantity(largest(clusters(a))))
        .add(
            CLUSTERS + "/sizes",
            a -> new Series(clusters(a).sizes().stream().map(Integer::doubleValue).toList()))
        .add(
            CLUSTERS + "/representatives",
            a ->
                new Series(
                    clusters(a).representative().stream().map(Integer::doubleValue).toList()))
        .add(CLUSTERS + "/inertia", a -> Observation.quantity(clusters(a).inertia()))
        .add(CLUSTERS + "/perplexity", a -> cost(a, "k").perplexityObserved())
        .add(CLUSTERS + "/ratio", a -> cost(a, "k").ratioObserved())
        .add(
            CLUSTERS + "/over-clusters/{other:\\d+}",
            a -> Observation.quantity(cost(a, "k").perplexity() / cost(a, "other").perplexity()))
        .add(
            CLUSTERS + "/over-injection",
            a ->
                Observation.quantity(
                    cost(a, "k").perplexity() / replacement.rebuilt(a.integer("k")).perplexity()))
        .add(
            CLUSTERS + "/seeds/replaced-heads",
            a -> bySeed(seed -> clusters(a.integer("k"), seed).replaced()))
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
                new Once<>(
                    () ->
                        HeadClusters.of(
                            pca.circuits().coefficients(pca.pca(), DIMENSIONS), k, seed)))
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
