package dev.touchstone.decomposition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.touchstone.tensor.SeededArrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What an ascent to adversarial masks may spend. A loss that it finds is a lower bound of the
 * worst, and says little without it.
 *
 * @param steps of one ascent
 * @param stepSize what a step moves each source by
 * @param restarts further ascents from other random sources, of which the largest last loss counts
 * @param start where an ascent begins
 */
public record AscentBudget(int steps, float stepSize, int restarts, Start start) {
  /** What the report's script spends. */
  public static final AscentBudget REPORT = new AscentBudget(50, 0.01f, 0, Start.RANDOM);

  /** Where an ascent begins. */
  public enum Start {
    /** Sources uniform on [0, 1). */
    RANDOM,
    /** Sources of 1, so that every mask is 1. */
    ONES,
    /** Sources of 0, so that every mask is its importance. */
    ZEROS;

    Map<String, NDArray> sources(
        Map<String, NDArray> importances, SeededArrays random, NDManager manager) {
      if (this == RANDOM) {
        return Sampling.CONTINUOUS.sources(importances, random, manager);
      }
      Map<String, NDArray> sources = new LinkedHashMap<>();
      importances.forEach(
          (module, importance) ->
              sources.put(
                  module,
                  this == ONES
                      ? manager.ones(importance.getShape())
                      : manager.zeros(importance.getShape())));
      return sources;
    }
  }

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException when one is negative, or restarts would all begin alike
   */
  public AscentBudget {
    if (steps < 0 || !(stepSize >= 0) || restarts < 0) {
      throw new IllegalArgumentException(
          "%d steps of %s and %d restarts are no budget: nothing may be below 0"
              .formatted(steps, stepSize, restarts));
    }
    if (restarts > 0 && start != Start.RANDOM) {
      throw new IllegalArgumentException(
          "restarts from %s would all find the same: restart from random sources, or not at all"
              .formatted(start.name().toLowerCase(Locale.ROOT)));
    }
  }

  /** {@code 50 steps of 0.01, 0 restarts, from random sources}. */
  @Override
  public String toString() {
    return "%d steps of %s, %d restarts, from %s sources"
        .formatted(
            steps,
            stepSize,
            restarts,
            switch (start) {
              case RANDOM -> "random";
              case ONES -> "1 as";
              case ZEROS -> "0 as";
            });
  }
}
