package dev.touchstone.intervention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;

/** Hooks that put other outputs in the place of some heads' z. */
record Replacement(HeadSet heads, Outputs outputs) implements Hooks {
  /** Of all heads of a layer; what has z's last dimensions only is the same everywhere. */
  @FunctionalInterface
  interface Outputs {
    NDArray of(NDManager manager, int layer);
  }

  @Override
  public boolean sees(Site site, int layer) {
    return site == Site.Z && !heads.inLayer(layer).isEmpty();
  }

  @Override
  public NDArray at(Site site, int layer, NDArray activation) {
    if (!sees(site, layer)) {
      return activation;
    }
    NDArray others = ZeroAblation.others(activation, heads.inLayer(layer));
    NDArray given = outputs.of(activation.getManager(), layer);
    return activation.mul(others).addi(given.mul(others.neg().addi(1f)));
  }
}
