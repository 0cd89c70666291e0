package dev.touchstone.intervention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.model.Head;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Heads whose output att @ v is zero before it is projected, everywhere or at some positions, in
 * any model that has {@link Site#Z}. Their queries, keys, values and patterns stay as they are.
 *
 * @param heads which
 * @param positions where, counted from 0; empty for everywhere
 */
public record SilencedHeads(HeadSet heads, List<Integer> positions) {
  public SilencedHeads {
    positions = List.copyOf(positions);
  }

  /** Everywhere. */
  public static SilencedHeads of(Head... heads) {
    return new SilencedHeads(HeadSet.of(List.of(heads)), List.of());
  }

  /**
   * The heads of a list, {@code L0H3,L1H5}, everywhere.
   *
   * @throws IllegalArgumentException when a name is of another form, or one comes twice
   */
  public static SilencedHeads parse(String names) {
    return of(
        Arrays.stream(names.split(",")).map(String::strip).map(Head::parse).toArray(Head[]::new));
  }

  /** The same heads at these positions only. */
  public SilencedHeads at(int... chosen) {
    return new SilencedHeads(heads, IntStream.of(chosen).boxed().toList());
  }

  /** Multiplies z with 0 where it is silenced and with 1 elsewhere. */
  public Hooks hooks() {
    return (site, layer, activation) -> {
      List<Integer> silenced = site == Site.Z ? heads.inLayer(layer) : List.of();
      return silenced.isEmpty() ? activation : activation.mul(others(activation, silenced));
    };
  }

  /** [position, head, 1]. */
  private NDArray others(NDArray z, List<Integer> silenced) {
    int length = (int) z.getShape().get(1);
    int count = (int) z.getShape().get(2);
    List<Integer> where =
        positions.isEmpty() ? IntStream.range(0, length).boxed().toList() : positions;
    float[] mask = new float[length * count];
    Arrays.fill(mask, 1);
    for (int position : where) {
      if (position >= length) {
        throw new IllegalArgumentException(
            "there is no position " + position + " in a sequence of " + length + " tokens");
      }
      silenced.forEach(head -> mask[position * count + head] = 0);
    }
    return z.getManager().create(mask, new Shape(length, count, 1));
  }
}
