package dev.touchstone.intervention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import dev.touchstone.model.Transformer;
import java.util.List;
import java.util.Set;

/**
 * Freezes heads' attention patterns at an average, whatever they read; their values stay
 * (docs/protocol.md, "Other ablations").
 *
 * @param source the name of the {@link MeanPatterns}
 */
public record PatternAblation(HeadSet heads, String source) implements OnHeads {
  @Override
  public PatternAblation on(HeadSet others) {
    return new PatternAblation(others, source);
  }

  @Override
  public Set<String> materials() {
    return Set.of(source);
  }

  @Override
  public Materials over(
      List<int[]> sequences, Materials materials, Transformer model, NDManager manager) {
    return materials.made(source);
  }

  @Override
  public Hooks hooks(Materials materials) {
    MeanPatterns patterns = materials.meanPatterns(source);
    return new Hooks() {
      @Override
      public boolean sees(Site site, int layer) {
        return site == Site.PATTERN && !heads.inLayer(layer).isEmpty();
      }

      @Override
      public NDArray at(Site site, int layer, NDArray activation) {
        if (sees(site, layer)) {
          Shape shape = activation.getShape();
          for (int head : heads.inLayer(layer)) {
            NDArray frozen =
                patterns.of(activation.getManager(), layer, head, shape.get(2), shape.get(3));
            activation.set(
                new NDIndex(":, " + head),
                frozen.broadcast(new Shape(shape.get(0), shape.get(2), shape.get(3))));
          }
        }
        return activation;
      }
    };
  }

  @Override
  public String toString() {
    return "pattern[" + source + "](" + heads + ")";
  }
}
