package dev.touchstone.suite.experiment.exp06;

import dev.touchstone.decomposition.Spectrum;
import dev.touchstone.model.WeightProcessing;
import dev.touchstone.model.WeightProcessing.Step;
import dev.touchstone.runtime.Lazy;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observables.Arguments;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.subject.Bench;
import java.util.Map;

/**
 * What exp06's 6A hangs on: the same PCA without folding the layer norms into W_Q and W_K, and with
 * every head's W_QK scaled to norm 1. Needs the attention weights only.
 */
public final class QueryKeyVariants implements Experiment {
  private static final WeightProcessing UNFOLDED =
      WeightProcessing.TRANSFORMER_LENS.without(Step.FOLD_LAYER_NORM);
  private static final String VARIANT =
      "exp06/variants/{processing:folded|unfolded}/{norm:own-norm|unit-norm}";

  private final Map<String, Lazy<Spectrum>> spectra;

  public QueryKeyVariants(Bench bench, QueryKeyPca pca) {
    Lazy<HeadCircuits> unfolded = new Lazy<>(() -> HeadCircuits.of(bench.weights(UNFOLDED)));
    spectra =
        Map.of(
            "folded/own-norm", new Lazy<>(() -> pca.pca().spectrum()),
            "folded/unit-norm", new Lazy<>(() -> Spectrum.of(pca.circuits().ofUnitNorm())),
            "unfolded/own-norm", new Lazy<>(() -> Spectrum.of(unfolded.get().flat())),
            "unfolded/unit-norm", new Lazy<>(() -> Spectrum.of(unfolded.get().ofUnitNorm())));
  }

  @Override
  public void register(Observables observables) {
    observables
        .add(
            VARIANT + "/components/{threshold:\\d\\d}",
            a -> Observation.quantity(spectrum(a).componentsFor(a.integer("threshold") / 100.0)))
        .add(
            VARIANT + "/cumulative-variance/{k:\\d+}",
            a -> Observation.quantity(spectrum(a).cumulativeShare(a.integer("k"))));
  }

  private Spectrum spectrum(Arguments arguments) {
    return spectra.get(arguments.text("processing") + "/" + arguments.text("norm")).get();
  }
}
