package dev.touchstone.intervention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.model.Gpt2;
import dev.touchstone.model.Head;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** Silences heads: z[:, :, h, :] = 0 (docs/protocol.md, section 4). */
public record ZeroAblation(HeadSet heads) implements OnHeads {
  /** Silences these heads. */
  public static ZeroAblation of(Head... heads) {
    return of(List.of(heads));
  }

  /** Silences these heads. */
  public static ZeroAblation of(Collection<Head> heads) {
    return new ZeroAblation(HeadSet.of(heads));
  }

  @Override
  public ZeroAblation on(HeadSet others) {
    return new ZeroAblation(others);
  }

  @Override
  public Hooks hooks(Gpt2 model, Materials materials) {
    return (site, layer, activation) -> {
      List<Integer> silenced = site == Site.Z ? heads.inLayer(layer) : List.of();
      return silenced.isEmpty()
          ? activation
          : activation.mul(others(activation.getManager(), model.config().heads(), silenced));
    };
  }

  /** [head, 1], 0 for the given heads and 1 for the others. */
  static NDArray others(NDManager manager, int heads, List<Integer> given) {
    float[] mask = new float[heads];
    Arrays.fill(mask, 1f);
    given.forEach(head -> mask[head] = 0f);
    return manager.create(mask, new Shape(heads, 1));
  }

  @Override
  public String toString() {
    return "zero(" + heads + ")";
  }
}
