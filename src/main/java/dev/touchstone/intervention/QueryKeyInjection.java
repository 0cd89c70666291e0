package dev.touchstone.intervention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import java.util.List;
import java.util.Set;

/**
 * Gives heads another query-key circuit by changing W_Q (docs/protocol.md, "6B"): queries gain x
 * times the change of W_Q, so that W_Q^T W_K becomes the circuit that is wanted.
 *
 * @param source the name of a {@link QueryChange}
 */
public record QueryKeyInjection(HeadSet heads, String source) implements OnHeads {
  @Override
  public QueryKeyInjection on(HeadSet others) {
    return new QueryKeyInjection(others, source);
  }

  @Override
  public Set<String> materials() {
    return Set.of(source);
  }

  @Override
  public Hooks hooks(Materials materials) {
    QueryChange change = materials.queryChange(source);
    return new Hooks() {
      private NDArray input;

      @Override
      public boolean sees(Site site, int layer) {
        return (site == Site.ATTENTION_INPUT || site == Site.QUERY)
            && !heads.inLayer(layer).isEmpty();
      }

      @Override
      public NDArray at(Site site, int layer, NDArray activation) {
        if (site == Site.ATTENTION_INPUT) {
          input = activation;
        }
        if (site != Site.QUERY) {
          return activation;
        }
        List<Integer> changed = heads.inLayer(layer);
        if (changed.isEmpty()) {
          return activation;
        }
        NDArray query = activation.duplicate();
        for (int head : changed) {
          NDArray gained = input.matMul(change.head(input.getManager(), layer, head));
          NDIndex slice = new NDIndex(":, :, " + head);
          query.set(slice, query.get(slice).add(gained));
        }
        return query;
      }
    };
  }

  @Override
  public String toString() {
    return "inject[" + source + "](" + heads + ")";
  }
}
