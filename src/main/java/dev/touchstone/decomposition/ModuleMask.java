package dev.touchstone.decomposition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * How a module's components stand for its weights in a pass.
 *
 * @param components what each component is multiplied with, broadcast over [batch, position, C];
 *     [1, C] or [batch, 1, C] holds for all positions
 * @param routing where components are used, [batch, position], the module's own weights elsewhere;
 *     empty to use them everywhere
 * @param delta what the weight delta, the module's weights less its components' sum, is multiplied
 *     with, [batch] or [batch, position]; empty to leave it out
 */
public record ModuleMask(NDArray components, Optional<NDArray> routing, Optional<NDArray> delta) {
  /**
   * Refuses a mask [batch, C] for a batch of more than one: multiplied as it is, it fits nothing,
   * or masks positions in the place of sequences where there are as many of both (docs/protocol.md,
   * "Masks").
   *
   * @throws IllegalArgumentException when the mask is such a one
   */
  public ModuleMask {
    Shape shape = components.getShape();
    if (shape.dimension() == 2 && shape.get(0) > 1) {
      throw new IllegalArgumentException(
          "a mask of shape %s is for one sequence, not for a batch of %d: give it an axis for positions, [batch, 1, C]"
              .formatted(shape, shape.get(0)));
    }
  }

  /** Components everywhere, without the delta. */
  public static ModuleMask of(NDArray components) {
    return new ModuleMask(components, Optional.empty(), Optional.empty());
  }

  /** These masks where {@code routing} [batch, position] is 1. */
  public ModuleMask routed(NDArray where) {
    return new ModuleMask(components, Optional.of(where), delta);
  }

  /** With so much of the weight delta, [batch] or [batch, position]. */
  public ModuleMask withDelta(NDArray share) {
    return new ModuleMask(components, routing, Optional.of(share));
  }

  /**
   * The module's output.
   *
   * @param input [batch, position, d_in]
   * @param target gives the module's own output on it, [batch, position, d_out]
   */
  NDArray apply(LinearComponents parts, NDArray input, Supplier<NDArray> target) {
    NDArray output = parts.apply(input, components);
    if (delta.isPresent()) {
      NDArray rest = target.get().sub(parts.activations(input).matMul(parts.u()));
      // Without an axis for positions it gets one, so that it broadcasts over them.
      NDArray share =
          delta.get().getShape().dimension() == 2 ? delta.get() : delta.get().expandDims(1);
      output = output.add(rest.mul(share.expandDims(2)));
    }
    if (routing.isPresent()) {
      NDArray chosen = routing.get().expandDims(2).toType(DataType.BOOLEAN, false);
      output = NDArrays.where(chosen.broadcast(output.getShape()), output, target.get());
    }
    return output;
  }
}
