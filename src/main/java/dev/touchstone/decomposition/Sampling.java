package dev.touchstone.decomposition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.tensor.SeededArrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** How the sources r of stochastic masks CI + (1 - CI) r are drawn. */
public enum Sampling {
  /** Uniform on [0, 1). */
  CONTINUOUS {
    @Override
    NDArray draw(SeededArrays random, NDManager manager, Shape shape) {
      return random.uniform(manager, shape);
    }
  },
  /** 0 or 1, with importances made noisy before they are clamped. */
  BINOMIAL {
    @Override
    public NDArray noisy(NDArray raw, SeededArrays random) {
      NDArray noise = random.uniform(raw.getManager(), raw.getShape());
      return raw.mul(1.05f).sub(noise.mul(0.05f));
    }

    @Override
    NDArray draw(SeededArrays random, NDManager manager, Shape shape) {
      return random.binomial(manager, shape);
    }
  };

  /**
   * What a network says, [batch, position, C], as causal importance sees it (docs/protocol.md,
   * "Masks"): binomial sampling makes 1.05 x - 0.05 u of x, u uniform on [0, 1).
   */
  public NDArray noisy(NDArray raw, SeededArrays random) {
    return raw;
  }

  abstract NDArray draw(SeededArrays random, NDManager manager, Shape shape);

  /** A source for every importance, in the modules' order. */
  public Map<String, NDArray> sources(
      Map<String, NDArray> importances, SeededArrays random, NDManager manager) {
    Map<String, NDArray> sources = new LinkedHashMap<>();
    importances.forEach(
        (module, importance) -> sources.put(module, draw(random, manager, importance.getShape())));
    return sources;
  }

  /** CI + (1 - CI) source, differentiable in both. */
  public static NDArray mask(NDArray importance, NDArray source) {
    return importance.add(importance.neg().add(1f).mul(source));
  }

  /** The masks of sources, by module. */
  public static Map<String, ModuleMask> masks(
      Map<String, NDArray> importances, Map<String, NDArray> sources) {
    Map<String, ModuleMask> masks = new LinkedHashMap<>();
    importances.forEach(
        (module, importance) ->
            masks.put(module, ModuleMask.of(mask(importance, sources.get(module)))));
    return masks;
  }
}
