package dev.touchstone.intervention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.model.Head;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Keeps heads from reading the values of some positions: to them v[:, positions] = 0
 * (docs/protocol.md, section 8). Patterns stay as they are, and so does what other heads read,
 * those that share a key and value head included.
 *
 * @param positions whose values are not read, counted from 0, ascending; empty for all
 */
public record ValueAblation(HeadSet heads, List<Integer> positions) implements OnHeads {
  /**
   * Sorts the positions.
   *
   * @throws IllegalArgumentException when one is negative or named twice
   */
  public ValueAblation {
    positions = Positions.sorted(positions);
  }

  /** Keeps these heads from reading any value. */
  public static ValueAblation of(Collection<Head> heads) {
    return new ValueAblation(HeadSet.of(heads), List.of());
  }

  /** The same heads, and the values of these positions only. */
  public ValueAblation at(int... chosen) {
    return new ValueAblation(heads, IntStream.of(chosen).boxed().toList());
  }

  @Override
  public ValueAblation on(HeadSet others) {
    return new ValueAblation(others, positions);
  }

  /** A pass that has no such position, or has some of its keys from a cache, is refused. */
  @Override
  public Hooks hooks(Materials materials) {
    return new Hooks() {
      private NDArray value;
      private NDArray pattern;

      @Override
      public boolean sees(Site site, int layer) {
        return (site == Site.VALUE || site == Site.PATTERN || site == Site.Z)
            && !heads.inLayer(layer).isEmpty();
      }

      @Override
      public NDArray at(Site site, int layer, NDArray activation) {
        if (sees(site, layer)) {
          switch (site) {
            case VALUE -> value = activation;
            case PATTERN -> pattern = activation;
            default -> {
              return activation.sub(read(heads.inLayer(layer), pattern, value));
            }
          }
        }
        return activation;
      }
    };
  }

  /**
   * What heads make of the values, [batch, query, head, d_head], 0 for the others.
   *
   * @param pattern [batch, head, query, key]
   * @param value [batch, key, key-value head, d_head]
   */
  private NDArray read(List<Integer> chosen, NDArray pattern, NDArray value) {
    int count = (int) pattern.getShape().get(1);
    int keys = (int) pattern.getShape().get(3);
    if (value.getShape().get(1) != keys) {
      throw new IllegalArgumentException(
          this + " works on whole sequences: generate without keeping keys and values");
    }
    Positions.check(this, positions, keys);
    float[] mask = new float[count * keys];
    for (int head : chosen) {
      for (int key : positions.isEmpty() ? IntStream.range(0, keys).boxed().toList() : positions) {
        mask[head * keys + key] = 1;
      }
    }
    NDArray unread = pattern.mul(pattern.getManager().create(mask, new Shape(count, 1, keys)));
    NDArray byHead = value.repeat(2, count / value.getShape().get(2)).transpose(0, 2, 1, 3);
    return unread.matMul(byHead).transpose(0, 2, 1, 3);
  }

  @Override
  public String toString() {
    return "values(" + heads + Positions.suffix(positions) + ")";
  }
}
