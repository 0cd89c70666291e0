package dev.touchstone.intervention;

import ai.djl.ndarray.NDArray;
import dev.touchstone.model.HeadGrid;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Lets blocks write only within a subspace: each write delta of a layer, residual after minus
 * before, becomes mean + projection of (delta - mean) onto the first components of a basis
 * (docs/protocol.md, "7D").
 *
 * @param layers ascending
 * @param basis the name of a {@link WriteBasis}
 * @param components how many of its components are kept
 */
public record WriteProjection(List<Integer> layers, String basis, int components)
    implements Intervention {
  /**
   * Sorts the layers.
   *
   * @throws IllegalArgumentException when there is none or one is named twice, or no component
   */
  public WriteProjection {
    TreeSet<Integer> sorted = new TreeSet<>();
    for (int layer : layers) {
      if (!sorted.add(layer)) {
        throw new IllegalArgumentException("L" + layer + " is named twice; name each layer once");
      }
    }
    if (sorted.isEmpty() || components < 1) {
      throw new IllegalArgumentException(
          "a write projection needs at least one layer and one component");
    }
    layers = List.copyOf(sorted);
  }

  @Override
  public int firstLayer() {
    return layers.get(0);
  }

  @Override
  public void check(HeadGrid grid) {
    for (int layer : layers) {
      if (layer >= grid.layers()) {
        throw new IllegalArgumentException(
            "there is no layer L" + layer + ": the model's are L0 to L" + (grid.layers() - 1));
      }
    }
    if (components > grid.width()) {
      throw new IllegalArgumentException(
          components + " components are more than the residual stream's " + grid.width());
    }
  }

  @Override
  public Set<String> materials() {
    return Set.of(basis);
  }

  @Override
  public Hooks hooks(Materials materials) {
    WriteBasis vectors = materials.writeBasis(basis);
    return new Hooks() {
      private NDArray before;

      @Override
      public boolean sees(Site site, int layer) {
        return (site == Site.RESIDUAL_BEFORE || site == Site.RESIDUAL_AFTER)
            && layers.contains(layer);
      }

      @Override
      public NDArray at(Site site, int layer, NDArray activation) {
        if (!layers.contains(layer)) {
          return activation;
        }
        if (site == Site.RESIDUAL_BEFORE) {
          before = activation;
        }
        if (site != Site.RESIDUAL_AFTER) {
          return activation;
        }
        NDArray mean = vectors.mean(activation.getManager(), layer);
        NDArray directions = vectors.directions(activation.getManager(), layer, components);
        NDArray centred = activation.sub(before).subi(mean);
        NDArray projected = centred.matMul(directions.transpose()).matMul(directions);
        return before.add(mean).addi(projected);
      }
    };
  }

  @Override
  public String toString() {
    return layers.stream()
        .map(layer -> "L" + layer)
        .collect(Collectors.joining(",", "project[" + basis + ":" + components + "](", ")"));
  }
}
