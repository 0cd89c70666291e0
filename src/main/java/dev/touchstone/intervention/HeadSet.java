package dev.touchstone.intervention;

import dev.touchstone.model.Head;
import dev.touchstone.model.HeadGrid;
import java.io.Serializable;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Heads an intervention acts on: at least one, none twice, sorted by layer and index.
 *
 * @param heads in order
 */
public record HeadSet(List<Head> heads) implements Serializable {
  /**
   * Sorts the heads.
   *
   * @throws IllegalArgumentException when there is none, or one is named twice
   */
  public HeadSet {
    TreeSet<Head> sorted = new TreeSet<>();
    for (Head head : heads) {
      if (!sorted.add(head)) {
        throw new IllegalArgumentException(head + " is named twice; name each head once");
      }
    }
    if (sorted.isEmpty()) {
      throw new IllegalArgumentException("an intervention on heads needs at least one head");
    }
    heads = List.copyOf(sorted);
  }

  /** The set of these heads. */
  public static HeadSet of(Collection<Head> heads) {
    return new HeadSet(List.copyOf(heads));
  }

  /** The lowest layer of any. */
  int firstLayer() {
    return heads.get(0).layer();
  }

  /** The indices of those in a layer, ascending. */
  List<Integer> inLayer(int layer) {
    return heads.stream().filter(head -> head.layer() == layer).map(Head::index).toList();
  }

  /**
   * Whether the model has all of them.
   *
   * @throws IllegalArgumentException naming the first it has not
   */
  public void check(HeadGrid grid) {
    for (Head head : heads) {
      if (!grid.has(head)) {
        throw new IllegalArgumentException(
            "there is no head %s: the model's are L0H0 to %s"
                .formatted(head, new Head(grid.layers() - 1, grid.heads() - 1)));
      }
    }
  }

  /** {@code L1H1,L3H0}. */
  @Override
  public String toString() {
    return heads.stream().map(Head::toString).collect(Collectors.joining(","));
  }
}
