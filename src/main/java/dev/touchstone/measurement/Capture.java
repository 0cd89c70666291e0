package dev.touchstone.measurement;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import dev.touchstone.tensor.Scope;
import java.util.LinkedHashMap;
import java.util.Map;

/** Keeps what passes through some sites of a pass. */
public final class Capture {
  private final NDManager keeper;
  private final Site[] sites;
  private final Map<Place, NDArray> seen = new LinkedHashMap<>();

  private record Place(Site site, int layer) {}

  /** Captures these sites in every layer; the arrays live as long as {@code keeper}. */
  public Capture(NDManager keeper, Site... sites) {
    this.keeper = keeper;
    this.sites = sites.clone();
  }

  /** Hooks that look and change nothing; a later pass replaces what an earlier one left. */
  public Hooks hooks() {
    Hooks look =
        (site, layer, activation) -> {
          seen.put(new Place(site, layer), Scope.keep(activation.duplicate(), keeper));
          return activation;
        };
    return look.only(sites);
  }

  /** What passed, of the shape that the site has. */
  public NDArray at(Site site, int layer) {
    NDArray activation = seen.get(new Place(site, layer));
    if (activation == null) {
      throw new IllegalStateException("nothing was captured at " + site + " of layer " + layer);
    }
    return activation;
  }

  /** What passed the site in each layer, averaged over the batch. */
  public Map<Integer, NDArray> meanOverBatch(Site site) {
    Map<Integer, NDArray> means = new LinkedHashMap<>();
    seen.forEach(
        (place, activation) -> {
          if (place.site() == site) {
            NDArray mean = Scope.compute(() -> activation.mean(new int[] {0}));
            means.put(place.layer(), Scope.keep(mean, keeper));
          }
        });
    return means;
  }
}
