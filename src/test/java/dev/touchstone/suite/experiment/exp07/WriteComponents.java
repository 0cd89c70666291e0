package dev.touchstone.suite.experiment.exp07;

import dev.touchstone.decomposition.Spectrum;
import dev.touchstone.model.Site;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observables.Arguments;
import dev.touchstone.suite.observation.Observation;

/**
 * exp07, 7B and 7E: how many components a layer's writes need for a share of their variance, and
 * those of its attention and its MLP apart.
 */
public final class WriteComponents implements Experiment {
  /** What writes, as paths name it. */
  static final String WHAT = "{what:block|attention|mlp}";

  private final ResidualWrites writes;

  public WriteComponents(ResidualWrites writes) {
    this.writes = writes;
  }

  @Override
  public void register(Observables observables) {
    observables
        .add(
            "exp07/components/" + WHAT + "/{layer:\\d+}/{threshold:\\d\\d}",
            a -> Observation.quantity(spectrum(a).componentsFor(threshold(a))))
        .add(
            "exp07/cumulative-variance/" + WHAT + "/{layer:\\d+}/{k:\\d+}",
            a -> Observation.quantity(spectrum(a).cumulativeShare(a.integer("k"))));
  }

  private Spectrum spectrum(Arguments arguments) {
    return writes.spectrum(WriteSample.FIRST, site(arguments), arguments.integer("layer"));
  }

  /** Where what a path names is written. */
  static Site site(Arguments arguments) {
    return switch (arguments.text("what")) {
      case "attention" -> Site.ATTENTION_OUTPUT;
      case "mlp" -> Site.MLP_OUTPUT;
      default -> Site.RESIDUAL_AFTER;
    };
  }

  /** The share of the variance that a path's two digits of percent stand for. */
  static double threshold(Arguments arguments) {
    return arguments.integer("threshold") / 100.0;
  }
}
