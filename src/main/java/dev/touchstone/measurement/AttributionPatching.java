package dev.touchstone.measurement;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import dev.touchstone.measurement.PromptPair.Direction;
import dev.touchstone.model.Head;
import dev.touchstone.model.HeadGrid;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import dev.touchstone.tensor.Scope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What patching each head's output would do to the logit difference, to first order and for all
 * heads at once: (other z - z) times the gradient at z (Nanda 2023, "Attribution patching"). It is
 * exact where the logits are linear in the outputs.
 */
public record AttributionPatching(PromptPair prompts, Direction direction) {
  /**
   * The expected change of the logit difference by each head, by layer and index: patched less
   * unpatched, as {@link ActivationPatching} measures it.
   */
  public Map<Head, Double> changes() {
    HeadGrid grid = prompts.model().config();
    Map<Head, Double> changes = new LinkedHashMap<>();
    try (NDManager manager = prompts.model().manager().newSubManager()) {
      List<NDArray> added = new ArrayList<>();
      for (int layer = 0; layer < grid.layers(); layer++) {
        NDArray nothing = manager.zeros(prompts.into(direction, Site.Z, layer).getShape());
        nothing.setRequiresGradient(true);
        added.add(nothing);
      }
      // The gradient at what is added to an activation is that at the activation.
      Hooks adding = (site, layer, activation) -> activation.add(added.get(layer));
      Scope.measure(
          () -> {
            try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
              collector.backward(prompts.difference(direction, adding.only(Site.Z)));
            }
            for (int layer = 0; layer < grid.layers(); layer++) {
              float[] byHead = change(added.get(layer).getGradient(), layer).toFloatArray();
              for (int head = 0; head < byHead.length; head++) {
                changes.put(new Head(layer, head), (double) byHead[head]);
              }
            }
            return changes;
          });
    }
    return changes;
  }

  private NDArray change(NDArray gradient, int layer) {
    NDArray difference =
        prompts.from(direction, Site.Z, layer).sub(prompts.into(direction, Site.Z, layer));
    return gradient.mul(difference).sum(new int[] {0, 1, 3});
  }
}
