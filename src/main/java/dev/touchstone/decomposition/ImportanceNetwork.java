package dev.touchstone.decomposition;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import java.util.List;

/**
 * A small network that says how much each component of a module matters to an input, before a clamp
 * brings that into [0, 1]. GELU (its exact form) between layers.
 */
public record ImportanceNetwork(Kind kind, List<Layer> layers) {
  /** What a network reads, and whether components share it. */
  public enum Kind {
    /** A network for each component, which reads the component's own activation only. */
    PER_COMPONENT,
    /** A network for each component, which reads the module's whole input. */
    VECTOR,
    /** One network for all components, which reads the module's whole input. */
    SHARED
  }

  /**
   * An affine map.
   *
   * @param weight [in, out] of a shared network, else [C, in, out]
   * @param bias [out], else [C, out]
   */
  public record Layer(NDArray weight, NDArray bias) {}

  public ImportanceNetwork {
    layers = List.copyOf(layers);
  }

  /**
   * The network of these layers, whose shapes tell its kind.
   *
   * @throws IllegalArgumentException when there is none, or their weights are of no kind
   */
  public static ImportanceNetwork of(List<Layer> layers) {
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("a network of causal importance needs a layer");
    }
    var first = layers.get(0).weight().getShape();
    Kind kind =
        switch (first.dimension()) {
          case 2 -> Kind.SHARED;
          case 3 -> first.get(1) == 1 ? Kind.PER_COMPONENT : Kind.VECTOR;
          default ->
              throw new IllegalArgumentException(
                  "a first layer of shape " + first + " is neither [in, out] nor [C, in, out]");
        };
    return new ImportanceNetwork(kind, layers);
  }

  /**
   * Importance before the sigmoid.
   *
   * @param input what the module reads, [batch, position, d_in]
   * @param components the module's
   * @return [batch, position, C]
   */
  public NDArray apply(NDArray input, LinearComponents components) {
    long batch = input.getShape().get(0);
    long positions = input.getShape().get(1);
    return switch (kind) {
      case SHARED -> through(input, true);
      case VECTOR ->
          separate(input.reshape(1, batch * positions, -1)).reshape(batch, positions, -1);
      case PER_COMPONENT ->
          separate(
                  components
                      .activations(input)
                      .reshape(batch * positions, -1)
                      .transpose()
                      .expandDims(2))
              .reshape(batch, positions, -1);
    };
  }

  /** [C or 1, n, in] to [n, C]: every component's network on its own rows. */
  private NDArray separate(NDArray rows) {
    return through(rows, false).squeeze(2).transpose();
  }

  private NDArray through(NDArray input, boolean shared) {
    NDArray x = input;
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      NDArray bias = shared ? layer.bias() : layer.bias().expandDims(1);
      x = (i == 0 ? x : Activation.gelu(x)).matMul(layer.weight()).add(bias);
    }
    return x;
  }
}
