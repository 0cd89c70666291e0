package dev.touchstone.suite.experiment.exp06;

import dev.touchstone.decomposition.QueryKeyCircuit;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observation.Series;
import dev.touchstone.suite.subject.TestPerplexity.Cost;
import java.util.stream.Stream;

/**
 * exp06, 6B: every head's W_QK replaced by its reconstruction from K components, and the perplexity
 * of the test text.
 */
public final class QueryKeyReplacement implements Experiment {
  private final QueryKeyPca pca;
  private final CircuitInjection injection;

  public QueryKeyReplacement(QueryKeyPca pca, CircuitInjection injection) {
    this.pca = pca;
    this.injection = injection;
  }

  @Override
  public void register(Observables observables) {
    observables
        .add("exp06/baseline/perplexity", a -> injection.baseline().perplexityObserved())
        .add(
            "exp06/injection/{k:\\d+}/perplexity",
            a -> rebuilt(a.integer("k")).perplexityObserved())
        .add("exp06/injection/{k:\\d+}/ratio", a -> rebuilt(a.integer("k")).ratioObserved())
        .add(
            "exp06/injection/{k:\\d+}/perplexity-error",
            a -> rebuilt(a.integer("k")).differenceObserved())
        .add("exp06/injection/pseudo-inverse/perplexity", a -> pseudoInverse().perplexityObserved())
        .add("exp06/injection/pseudo-inverse/difference", a -> pseudoInverse().differenceObserved())
        .add(
            "exp06/injection/recovery/{from:\\d+}-to-{to:\\d+}",
            a -> Observation.quantity(recovery(a.integer("from"), a.integer("to"))))
        .add(
            "exp06/injection/recovery/130-to-140/over-earlier",
            a ->
                Observation.quantity(
                    recovery(130, 140)
                        / Stream.of(100, 110, 120)
                            .mapToDouble(k -> recovery(k, k + 10))
                            .max()
                            .orElseThrow()))
        .add("exp06/injection/ratios", a -> ratios());
  }

  /** How many times the perplexity falls when more components are kept. */
  private double recovery(int from, int to) {
    return rebuilt(from).perplexity() / rebuilt(to).perplexity();
  }

  private Series ratios() {
    return new Series(
        Stream.of(1, 3, 10, 32, 64, 80, 100, 110, 120, 130, 140, 144)
            .map(k -> rebuilt(k).ratio())
            .toList());
  }

  /** The cost of keeping {@code k} components. */
  Cost rebuilt(int k) {
    return injection.cost(
        "pca-" + k,
        head -> circuit(head).injection(pca.circuits().reconstruction(pca.pca(), head, k)));
  }

  /** W_Q made anew from all components, which loses what W_K does not see. */
  private Cost pseudoInverse() {
    return injection.cost(
        "pseudo-inverse",
        head ->
            circuit(head)
                .pseudoInverseQuery(circuit(head).circuit())
                .subtract(circuit(head).query()));
  }

  private QueryKeyCircuit circuit(int head) {
    return pca.circuits().byHead().get(head);
  }
}
