package dev.touchstone.suite.experiment.exp10d;

import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Linearization;
import dev.touchstone.suite.experiment.exp10b.Effects;
import dev.touchstone.suite.experiment.exp10b.ReluConditions;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observables.Arguments;

/**
 * What exp10d's P1 and P3 assume of ReLU attention: that it can run as a kernel, in 6 n d^2
 * operations. ReLU of a score is no product of feature maps, and what is one, ReLU of query and key
 * each, is another operator.
 */
public final class Kernelization implements Experiment {
  private static final String KERNEL = "kernel/" + ReluConditions.ANY_LINEARIZED;
  private static final String CIRCLE = "kernel/counterexample/{places:\\d{1,3}}";

  private final Effects effects;
  private final ReluConditions conditions;

  public Kernelization(Effects effects, ReluConditions conditions) {
    this.effects = effects;
    this.conditions = conditions;
  }

  @Override
  public void register(Observables observables) {
    observables
        .add(KERNEL + "/perplexity", a -> effects.perplexityObserved(kernel(a)))
        .add(CIRCLE + "/features", a -> Effects.count(reluOnCircle(a).features()));
  }

  /** The same heads as the condition's, their queries and keys rectified apart. */
  private Intervention kernel(Arguments arguments) {
    return Linearization.of(
        Linearization.Kind.KERNEL, conditions.heads(arguments.text("condition")));
  }

  /** ReLU of the scores between so many queries and keys of width 2. */
  private static FeatureMaps reluOnCircle(Arguments arguments) {
    return FeatureMaps.onCircle(arguments.integer("places"), score -> Math.max(0, score));
  }
}
