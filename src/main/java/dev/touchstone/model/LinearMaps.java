package dev.touchstone.model;

import ai.djl.ndarray.NDArray;

/**
 * What stands for a model's linear maps in a pass: its own weights, or something in their place.
 */
@FunctionalInterface
public interface LinearMaps {
  /**
   * Called once per linear map of a block, in the order in which they are computed.
   *
   * @param module the map's name without {@code .weight}, such as {@code h.0.attn.q_proj}
   * @param input [batch, position, d_in]
   * @return [batch, position, d_out]
   */
  NDArray apply(String module, NDArray input);
}
