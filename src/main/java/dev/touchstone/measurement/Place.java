package dev.touchstone.measurement;

import ai.djl.ndarray.index.NDIndex;
import dev.touchstone.model.Head;
import dev.touchstone.model.HeadGrid;
import dev.touchstone.model.Site;
import java.util.OptionalInt;

/**
 * What is patched of a pass: a head's part of a site that has heads, the whole of one that has
 * none.
 *
 * @param head its index; empty where the site has no heads
 * @param position counted from 0, a query's where the site has queries; empty for everywhere
 */
public record Place(Site site, int layer, OptionalInt head, OptionalInt position) {
  /**
   * The site has heads, or it has not.
   *
   * @throws IllegalArgumentException when a head is missing or too much, or the position negative
   */
  public Place {
    if (hasHeads(site) != head.isPresent()) {
      throw new IllegalArgumentException(
          head.isPresent()
              ? site + " has no heads: leave the head out"
              : site + " has heads: say which");
    }
    if (position.orElse(0) < 0) {
      throw new IllegalArgumentException(
          "position " + position.getAsInt() + " is below 0; count from 0");
    }
  }

  /** A head's output. */
  public static Place of(Head head) {
    return of(Site.Z, head);
  }

  /** A head's part of a site: of the keys' and values' heads at {@code KEY} and {@code VALUE}. */
  public static Place of(Site site, Head head) {
    return new Place(site, head.layer(), OptionalInt.of(head.index()), OptionalInt.empty());
  }

  /** All of a site without heads. */
  public static Place of(Site site, int layer) {
    return new Place(site, layer, OptionalInt.empty(), OptionalInt.empty());
  }

  /** The same at a position only. */
  public Place at(int chosen) {
    return new Place(site, layer, head, OptionalInt.of(chosen));
  }

  private static boolean hasHeads(Site site) {
    return switch (site) {
      case QUERY, KEY, VALUE, SCORES, PATTERN, Z -> true;
      default -> false;
    };
  }

  /**
   * Insists that a pass has it.
   *
   * @param length tokens in the pass
   */
  void check(HeadGrid grid, int length) {
    if (layer >= grid.layers() || head.orElse(0) >= grid.heads()) {
      throw new IllegalArgumentException(
          "there is no %s: the model has %d layers of %d heads"
              .formatted(this, grid.layers(), grid.heads()));
    }
    if (position.orElse(0) >= length) {
      throw new IllegalArgumentException(
          "%s is at no position of prompts of %d tokens".formatted(this, length));
    }
  }

  /** Where it is in the site's activation. */
  NDIndex index() {
    String at = position.isPresent() ? String.valueOf(position.getAsInt()) : ":";
    if (head.isEmpty()) {
      return new NDIndex(":, " + at);
    }
    return new NDIndex(
        switch (site) {
          case SCORES, PATTERN -> ":, " + head.getAsInt() + ", " + at;
          default -> ":, " + at + ", " + head.getAsInt();
        });
  }

  /** {@code L3H1 Z}, {@code L3 MLP_OUTPUT@2}. */
  @Override
  public String toString() {
    String of = head.isPresent() ? new Head(layer, head.getAsInt()).toString() : "L" + layer;
    return of + " " + site + (position.isPresent() ? "@" + position.getAsInt() : "");
  }
}
