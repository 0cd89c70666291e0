package dev.touchstone.measurement;

import dev.touchstone.measurement.PromptPair.Direction;
import dev.touchstone.measurement.PromptPair.Prediction;
import java.util.List;

/** Puts activations of one prompt's pass into the other's, and lets everything after follow. */
public record ActivationPatching(PromptPair prompts, Direction direction) {
  /**
   * The prediction with some places patched together.
   *
   * @throws IllegalArgumentException when the model or the prompts have no such place
   */
  public Prediction of(Place... places) {
    return prompts.predicted(
        direction,
        prompts.patching(List.of(places), (site, layer) -> prompts.from(direction, site, layer)));
  }
}
