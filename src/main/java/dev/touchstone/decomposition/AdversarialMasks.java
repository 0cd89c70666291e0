package dev.touchstone.decomposition;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.training.GradientCollector;
import dev.touchstone.model.Hooks;
import dev.touchstone.tensor.Divergence;
import dev.touchstone.tensor.Scope;
import dev.touchstone.tensor.SeededArrays;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The masks CI + (1 - CI) source that reconstruct the target worst, found by projected gradient
 * ascent on the sources: {@code source += step * sign(gradient)}, clamped to [0, 1]
 * (docs/protocol.md, "Masks").
 *
 * @param sources by module, [batch, position, C]
 * @param losses mean KL(target || masked) over positions in nats, before the first step and after
 *     each
 */
public record AdversarialMasks(Map<String, NDArray> sources, List<Double> losses) {
  /** The mean KL divergence under the masks that were found. */
  public double loss() {
    return losses.get(losses.size() - 1);
  }

  /**
   * Ascends as often as a budget lets it, and takes the masks of the largest last loss.
   *
   * @param importances by module, [batch, position, C]
   * @param random where random sources come from
   * @param keeper where the sources that are found live
   */
  public static AdversarialMasks ascend(
      ComponentModel model,
      NDArray ids,
      Map<String, NDArray> importances,
      AscentBudget budget,
      SeededArrays random,
      NDManager keeper) {
    AdversarialMasks worst = null;
    for (int ascent = 0; ascent <= budget.restarts(); ascent++) {
      try (NDManager passing = keeper.newSubManager()) {
        AdversarialMasks found =
            ascend(
                model,
                ids,
                importances,
                budget.start().sources(importances, random, passing),
                budget.steps(),
                budget.stepSize(),
                keeper);
        worst = worst == null || found.loss() > worst.loss() ? found : worst;
      }
    }
    return worst;
  }

  /**
   * Ascends.
   *
   * @param importances by module, [batch, position, C]
   * @param start the sources to start from, of the same shapes, which stay as they are
   * @param keeper where the sources that are found live
   */
  public static AdversarialMasks ascend(
      ComponentModel model,
      NDArray ids,
      Map<String, NDArray> importances,
      Map<String, NDArray> start,
      int steps,
      float stepSize,
      NDManager keeper) {
    List<Double> losses = new ArrayList<>();
    try (NDManager passing = keeper.newSubManager()) {
      NDArray target =
          Scope.keep(Scope.compute(() -> model.target().logits(ids, Hooks.NONE)), passing);
      Map<String, NDArray> sources = copies(start, passing);
      for (int step = 0; step <= steps; step++) {
        boolean more = step < steps;
        losses.add(round(model, ids, target, importances, sources, more ? stepSize : 0));
      }
      return new AdversarialMasks(copies(sources, keeper), List.copyOf(losses));
    }
  }

  private static double round(
      ComponentModel model,
      NDArray ids,
      NDArray target,
      Map<String, NDArray> importances,
      Map<String, NDArray> sources,
      float stepSize) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      if (stepSize == 0) {
        return loss(model, ids, target, Sampling.masks(importances, sources)).getFloat();
      }
      sources.values().forEach(source -> source.setRequiresGradient(true));
      double loss;
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray mean = loss(model, ids, target, Sampling.masks(importances, sources));
        collector.backward(mean);
        loss = mean.getFloat();
      }
      sources.replaceAll(
          (module, source) -> {
            NDArray moved =
                source.stopGradient().add(source.getGradient().sign().mul(stepSize)).clip(0f, 1f);
            return Scope.keep(moved, target.getManager());
          });
      return loss;
    }
  }

  private static NDArray loss(
      ComponentModel model, NDArray ids, NDArray target, Map<String, ModuleMask> masks) {
    return Divergence.kl(target, model.logits(ids, masks, Hooks.NONE)).mean();
  }

  private static Map<String, NDArray> copies(Map<String, NDArray> arrays, NDManager keeper) {
    Map<String, NDArray> copies = new LinkedHashMap<>();
    arrays.forEach(
        (module, array) ->
            copies.put(module, Scope.keep(array.stopGradient().duplicate(), keeper)));
    return copies;
  }
}
