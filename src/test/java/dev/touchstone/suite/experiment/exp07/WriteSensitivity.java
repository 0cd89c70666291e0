package dev.touchstone.suite.experiment.exp07;

import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observables.Arguments;
import dev.touchstone.suite.observation.Observation;

/**
 * What exp07's 7B, 7C and 7E hang on: the first position of a chunk, where attention can look at
 * nothing but itself, and that the report's 1000 positions are one stretch of text.
 */
public final class WriteSensitivity implements Experiment {
  private static final String SAMPLE = "exp07/sample/{sample:" + WriteSample.WORDS + "}/";

  private final ResidualWrites writes;

  public WriteSensitivity(ResidualWrites writes) {
    this.writes = writes;
  }

  @Override
  public void register(Observables observables) {
    observables
        .add(
            SAMPLE + "position-0-share/" + WriteComponents.WHAT + "/{layer:\\d+}",
            a ->
                Observation.quantity(
                    writes
                        .at(sample(a))
                        .shareOfPosition0(WriteComponents.site(a), a.integer("layer"))))
        .add(
            SAMPLE + "components/" + WriteComponents.WHAT + "/{layer:\\d+}/{threshold:\\d\\d}",
            a ->
                Observation.quantity(
                    writes
                        .spectrum(sample(a), WriteComponents.site(a), a.integer("layer"))
                        .componentsFor(WriteComponents.threshold(a))))
        .add(
            SAMPLE + "components/shared/{threshold:\\d\\d}",
            a ->
                Observation.quantity(
                    writes
                        .pooledSpectrum(sample(a), writes.layers())
                        .componentsFor(WriteComponents.threshold(a))));
  }

  private static WriteSample sample(Arguments arguments) {
    return WriteSample.of(arguments.text("sample"));
  }
}
