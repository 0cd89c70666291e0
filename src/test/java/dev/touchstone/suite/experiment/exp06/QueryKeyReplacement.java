package dev.touchstone.suite.experiment.exp06;

import dev.touchstone.decomposition.QueryKeyCircuit;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.subject.TestPerplexity.Cost;

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
            "exp06/injection/pseudo-inverse/perplexity", a -> pseudoInverse().perplexityObserved());
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
