package dev.touchstone.intervention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.model.Head;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Silences heads, everywhere or at some positions: z[:, positions, h, :] = 0 (docs/protocol.md,
 * sections 4 and 8). Their queries, keys, values and patterns stay as they are.
 *
 * @param positions counted from 0, ascending; empty for everywhere
 */
public record ZeroAblation(HeadSet heads, List<Integer> positions) implements OnHeads {
  /**
   * Sorts the positions.
   *
   * @throws IllegalArgumentException when one is negative or named twice
   */
  public ZeroAblation {
    positions = Positions.sorted(positions);
  }

  /** Silences these heads everywhere. */
  public static ZeroAblation of(Head... heads) {
    return of(List.of(heads));
  }

  /** Silences these heads everywhere. */
  public static ZeroAblation of(Collection<Head> heads) {
    return new ZeroAblation(HeadSet.of(heads), List.of());
  }

  /** The same heads at these positions only. */
  public ZeroAblation at(int... chosen) {
    return new ZeroAblation(heads, IntStream.of(chosen).boxed().toList());
  }

  @Override
  public ZeroAblation on(HeadSet others) {
    return new ZeroAblation(others, positions);
  }

  /** A sequence that has no such position is refused in the pass. */
  @Override
  public Hooks hooks(Materials materials) {
    return new Hooks() {
      private int past;

      @Override
      public boolean sees(Site site, int layer) {
        boolean output = site == Site.Z;
        boolean wanted = output || site == Site.SCORES && !positions.isEmpty();
        return wanted && !heads.inLayer(layer).isEmpty();
      }

      @Override
      public NDArray at(Site site, int layer, NDArray activation) {
        if (site == Site.SCORES) {
          // Keys that no query of the pass stands at come from a cache.
          past = (int) (activation.getShape().get(3) - activation.getShape().get(2));
        }
        List<Integer> silenced = site == Site.Z ? heads.inLayer(layer) : List.of();
        return silenced.isEmpty() ? activation : activation.mul(others(activation, silenced, past));
      }
    };
  }

  private NDArray others(NDArray z, List<Integer> silenced, int past) {
    if (positions.isEmpty()) {
      return others(z, silenced);
    }
    int length = (int) z.getShape().get(1);
    int end = past + length;
    Positions.check(this, positions, end);
    NDArray everywhere = others(z, silenced);
    NDArray others = z.getManager().ones(new Shape(length, everywhere.size(), 1));
    positions.stream()
        .filter(position -> position >= past)
        .forEach(position -> others.set(new NDIndex(position - past), everywhere));
    return others;
  }

  /** [head, 1], 0 for the given heads and 1 for the others of z. */
  static NDArray others(NDArray z, List<Integer> given) {
    float[] mask = new float[(int) z.getShape().get(2)];
    Arrays.fill(mask, 1f);
    given.forEach(head -> mask[head] = 0f);
    return z.getManager().create(mask, new Shape(mask.length, 1));
  }

  @Override
  public String toString() {
    return "zero(" + heads + Positions.suffix(positions) + ")";
  }
}
