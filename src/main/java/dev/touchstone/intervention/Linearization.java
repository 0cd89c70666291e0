package dev.touchstone.intervention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.nn.Activation;
import dev.touchstone.model.Head;
import dev.touchstone.model.HeadGrid;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import dev.touchstone.tensor.Scope;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * Replaces the softmax of heads by row-normalized weights, w / max(sum over keys of |w|, 1e-8),
 * future positions 0. The weights are a function of the scores s (docs/protocol.md, section 4), or
 * what linear attention can compute in their place.
 */
public record Linearization(Kind kind, HeadSet heads) implements OnHeads {
  private static final float SMALLEST_DIVISOR = 1e-8f;

  /** What becomes of a score. */
  public enum Kind {
    /** w = max(0, s). */
    RELU,
    /** w = |s|. */
    L1,
    /** w = s. */
    IDENTITY,
    /**
     * w = max(0, q).max(0, k) / sqrt(d_head): the product of feature maps nearest to RELU, whose
     * sums over keys can be kept instead of the scores (Katharopoulos et al. 2020): 6 n d^2
     * operations (docs/protocol.md, "10L").
     */
    KERNEL;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** The weights of scores, 0 where these are negative infinity; a new array. */
    private NDArray weigh(NDArray scores) {
      return switch (this) {
        case RELU -> Activation.relu(scores);
        case L1 -> past(scores).abs();
        case IDENTITY, KERNEL -> past(scores);
      };
    }

    private static NDArray past(NDArray scores) {
      return NDArrays.where(scores.eq(Float.NEGATIVE_INFINITY), scores.zerosLike(), scores);
    }
  }

  /** Linearizes these heads. */
  public static Linearization of(Kind kind, Collection<Head> heads) {
    return new Linearization(kind, HeadSet.of(heads));
  }

  @Override
  public Linearization on(HeadSet others) {
    return new Linearization(kind, others);
  }

  @Override
  public void check(HeadGrid grid) {
    OnHeads.super.check(grid);
    if (kind == Kind.KERNEL && grid.rotary()) {
      throw new IllegalArgumentException(
          this + ": feature maps of rotated queries and keys are not supported; choose relu");
    }
  }

  @Override
  public Hooks hooks(Materials materials) {
    return new Hooks() {
      private NDArray scores;

      @Override
      public boolean sees(Site site, int layer) {
        boolean queries = kind == Kind.KERNEL && (site == Site.QUERY || site == Site.KEY);
        return (queries || site == Site.SCORES || site == Site.PATTERN)
            && !heads.inLayer(layer).isEmpty();
      }

      @Override
      public NDArray at(Site site, int layer, NDArray activation) {
        if (kind == Kind.KERNEL && (site == Site.QUERY || site == Site.KEY)) {
          return rectified(activation, heads.inLayer(layer));
        }
        if (site == Site.SCORES) {
          scores = activation;
        } else if (site == Site.PATTERN) {
          for (int head : heads.inLayer(layer)) {
            NDIndex slice = new NDIndex(":, " + head);
            NDArray weights = Scope.compute(() -> rows(scores.get(slice)));
            activation.set(slice, weights);
            weights.close();
          }
        }
        return activation;
      }
    };
  }

  /** Some heads' queries or keys without what is below 0. */
  private static NDArray rectified(NDArray activation, List<Integer> heads) {
    if (heads.isEmpty()) {
      return activation;
    }
    NDArray changed = activation.duplicate();
    for (int head : heads) {
      NDIndex slice = new NDIndex(":, :, " + head);
      changed.set(slice, Activation.relu(changed.get(slice)));
    }
    return changed;
  }

  private NDArray rows(NDArray scores) {
    NDArray weights = kind.weigh(scores);
    NDArray sizes = kind == Kind.RELU ? weights : weights.abs();
    NDArray divisor = sizes.sum(new int[] {-1}, true).maximum(SMALLEST_DIVISOR);
    return weights.divi(divisor);
  }

  @Override
  public String toString() {
    return kind + "(" + heads + ")";
  }
}
