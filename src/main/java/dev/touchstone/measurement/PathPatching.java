package dev.touchstone.measurement;

import ai.djl.ndarray.NDManager;
import dev.touchstone.measurement.PromptPair.Direction;
import dev.touchstone.measurement.PromptPair.Prediction;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import java.util.Collection;
import java.util.List;

/**
 * Patches what one place sends to others directly, and nothing else (Wang et al. 2022,
 * "Interpretability in the wild", section 3.1): in a first pass all heads but the sender keep the
 * outputs they have without it, so that only what does not go through a head, MLPs and norms,
 * carries it to the receivers; in a second one the receivers get what they got there, and all else
 * follows.
 */
public record PathPatching(PromptPair prompts, Direction direction) {
  /** What the sender does to the logits by itself. */
  public Prediction toLogits(Place sender) {
    return prompts.predicted(direction, alone(sender));
  }

  /**
   * What the sender does through what it sends to receivers.
   *
   * @param receivers what heads read, such as a head's {@code QUERY}
   * @throws IllegalArgumentException when the model or the prompts have no such place, or one of
   *     them is a head's output, which the first pass holds
   */
  public Prediction of(Place sender, Collection<Place> receivers) {
    for (Place receiver : receivers) {
      if (receiver.site() == Site.Z) {
        throw new IllegalArgumentException(
            receiver + " is what a head gives: name its QUERY, KEY or VALUE as the receiver");
      }
    }
    Site[] sites = receivers.stream().map(Place::site).distinct().toArray(Site[]::new);
    try (NDManager manager = prompts.model().manager().newSubManager()) {
      Capture received = new Capture(manager, sites);
      prompts.predicted(direction, alone(sender).then(received.hooks()));
      return prompts.predicted(direction, prompts.patching(receivers, received::at));
    }
  }

  /** Every head's output as without any patch, and the sender's from the other prompt. */
  private Hooks alone(Place sender) {
    Hooks frozen = (site, layer, activation) -> prompts.into(direction, site, layer);
    return frozen
        .only(Site.Z)
        .then(
            prompts.patching(
                List.of(sender), (site, layer) -> prompts.from(direction, site, layer)));
  }
}
