package dev.touchstone.experiment;

import dev.touchstone.corpus.Once;
import dev.touchstone.decomposition.Spectrum;
import dev.touchstone.experiment.Observables.Arguments;
import dev.touchstone.measurement.Observation;
import dev.touchstone.model.WeightProcessing;
import dev.touchstone.model.WeightProcessing.Step;
import java.util.Map;

/**
 * What exp06's 6A hangs on: the same PCA without folding the layer norms into W_Q and W_K, and with
 * every head's W_QK scaled to norm 1. Needs the attention weights only.
 */
final class QueryKeyVariants {
  private static final WeightProcessing UNFOLDED =
      WeightProcessing.TRANSFORMER_LENS.without(Step.FOLD_LAYER_NORM);
  private static final String VARIANT =
      "exp06/variants/{processing:folded|unfolded}/{norm:own-norm|unit-norm}";

  private final Map<String, Once<Spectrum>> spectra;

  QueryKeyVariants(Bench bench, QueryKeyPca pca) {
    Once<HeadCircuits> unfolded = new Once<>(() -> HeadCircuits.of(bench.weights(UNFOLDED)));
    spectra =
        Map.of(
            "folded/own-norm", new Once<>(() -> pca.pca().spectrum()),
            "folded/unit-norm", new Once<>(() -> Spectrum.of(pca.circuits().ofUnitNorm())),
            "unfolded/own-norm", new Once<>(() -> Spectrum.of(unfolded.get().flat())),
            "unfolded/unit-norm", new Once<>(() -> Spectrum.of(unfolded.get().ofUnitNorm())));
  }

  void register(Observables observables) {
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
