package dev.touchstone.suite.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a training starts from (Radford et al. 2019): matrices drawn from a normal distribution,
 * narrower for those that write to the residual stream, norms that only normalize.
 */
final class InitialWeights {
  private static final float DEVIATION = 0.02f;

  private InitialWeights() {}

  /** Draws in the order of the shapes; each weight asks for its gradient. */
  static Map<String, NDArray> draw(NDManager manager, Map<String, Shape> shapes, int layers) {
    float writing = DEVIATION / (float) Math.sqrt(2 * layers);
    Map<String, NDArray> weights = new LinkedHashMap<>();
    shapes.forEach(
        (name, shape) -> {
          NDArray weight;
          if (name.endsWith(".bias")) {
            weight = manager.zeros(shape);
          } else if (shape.dimension() == 1) {
            weight = manager.ones(shape);
          } else {
            boolean writes = name.matches(".*\\.(c_proj|o_proj|down_proj)\\.weight");
            weight = manager.randomNormal(shape).muli(writes ? writing : DEVIATION);
          }
          weight.setRequiresGradient(true);
          weights.put(name, weight);
        });
    return weights;
  }
}
