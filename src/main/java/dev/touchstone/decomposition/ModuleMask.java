package dev.touchstone.decomposition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.types.DataType;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * How a module's components stand for its weights in a pass.
 *
 * @param components what each component is multiplied with, [batch, C] for all positions alike or
 *     [batch, position, C]
 * @param routing where components are used, [batch, position], the module's own weights elsewhere;
 *     empty to use them everywhere
 * @param delta what the weight delta, the module's weights less its components' sum, is multiplied
 *     with, [batch] or [batch, position]; empty to leave it out
 */
public record ModuleMask(NDArray components, Optional<NDArray> routing, Optional<NDArray> delta) {
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
    NDArray output = parts.apply(input, overPositions(components, 3));
    if (delta.isPresent()) {
      NDArray rest = target.get().sub(parts.activations(input).matMul(parts.u()));
      output = output.add(rest.mul(overPositions(delta.get(), 2).expandDims(2)));
    }
    if (routing.isPresent()) {
      NDArray chosen = routing.get().expandDims(2).toType(DataType.BOOLEAN, false);
      output = NDArrays.where(chosen.broadcast(output.getShape()), output, target.get());
    }
    return output;
  }

  /** A mask without an axis for positions gets one, so that it broadcasts over them. */
  private static NDArray overPositions(NDArray mask, int axes) {
    return mask.getShape().dimension() == axes ? mask : mask.expandDims(1);
  }
}
