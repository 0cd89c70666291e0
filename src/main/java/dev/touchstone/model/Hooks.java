package dev.touchstone.model;

import ai.djl.ndarray.NDArray;
import java.util.Set;

/** Sees every activation of a pass and may replace it. */
@FunctionalInterface
public interface Hooks {
  /** Leaves everything as it is. */
  Hooks NONE =
      new Hooks() {
        @Override
        public NDArray at(Site site, int layer, NDArray activation) {
          return activation;
        }

        @Override
        public boolean sees(Site site, int layer) {
          return false;
        }
      };

  /**
   * Called once per site and layer, in the order of {@link Site}.
   *
   * @param activation of the shape the site gives; freed after the block, so what is to outlive it
   *     must be kept
   * @return what the pass goes on with, of the same shape: the activation itself, or another
   */
  NDArray at(Site site, int layer, NDArray activation);

  /**
   * Whether the hooks look at a site of a layer. What nobody looks at a pass need not make: neither
   * scores nor pattern stand in memory then, and are not shown.
   */
  default boolean sees(Site site, int layer) {
    return true;
  }

  /** These hooks, at these sites alone. */
  default Hooks only(Site... sites) {
    Set<Site> looked = Set.of(sites);
    Hooks all = this;
    return new Hooks() {
      @Override
      public NDArray at(Site site, int layer, NDArray activation) {
        return looked.contains(site) ? all.at(site, layer, activation) : activation;
      }

      @Override
      public boolean sees(Site site, int layer) {
        return looked.contains(site) && all.sees(site, layer);
      }
    };
  }

  /** These hooks, then {@code next} on what they return. */
  default Hooks then(Hooks next) {
    Hooks first = this;
    return new Hooks() {
      @Override
      public NDArray at(Site site, int layer, NDArray activation) {
        return next.at(site, layer, first.at(site, layer, activation));
      }

      @Override
      public boolean sees(Site site, int layer) {
        return first.sees(site, layer) || next.sees(site, layer);
      }
    };
  }
}
