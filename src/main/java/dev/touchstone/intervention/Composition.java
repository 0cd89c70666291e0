package dev.touchstone.intervention;

import ai.djl.ndarray.NDManager;
import dev.touchstone.model.Head;
import dev.touchstone.model.HeadGrid;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Transformer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Interventions side by side, in the order of their text; none at all is the baseline.
 *
 * @param parts no compositions, and no two that decide over the same head's output
 */
public record Composition(List<Intervention> parts) implements Intervention {
  /** Stands for the heads where two interventions are asked whether they do the same thing. */
  private static final HeadSet ANY = new HeadSet(List.of(new Head(0, 0)));

  /**
   * Flattens, makes one of parts that do the same to different heads, and sorts.
   *
   * @throws IllegalArgumentException when two parts replace the same head's pattern or output
   */
  public Composition {
    List<Intervention> flat = new ArrayList<>();
    for (Intervention part : parts) {
      if (part instanceof Composition composition) {
        flat.addAll(composition.parts);
      } else {
        flat.add(part);
      }
    }
    List<Intervention> merged = merge(flat);
    merged.sort(Comparator.comparing(Intervention::toString));
    rejectTwice(merged);
    parts = List.copyOf(merged);
  }

  /** These side by side; a single one stays itself. */
  public static Intervention of(Intervention... parts) {
    Composition composition = new Composition(List.of(parts));
    return composition.parts.size() == 1 ? composition.parts.get(0) : composition;
  }

  private static List<Intervention> merge(List<Intervention> parts) {
    List<Intervention> merged = new ArrayList<>();
    Map<OnHeads, List<Head>> byAction = new LinkedHashMap<>();
    for (Intervention part : parts) {
      if (part instanceof OnHeads onHeads) {
        byAction
            .computeIfAbsent(onHeads.on(ANY), action -> new ArrayList<>())
            .addAll(onHeads.heads().heads());
      } else {
        merged.add(part);
      }
    }
    byAction.forEach((action, heads) -> merged.add(action.on(HeadSet.of(heads))));
    return merged;
  }

  /**
   * Queries may change side by side, and a head whose pattern is another or that is silent may
   * leave values unread. Otherwise a head's output can be replaced only once.
   */
  private static void rejectTwice(List<Intervention> parts) {
    Map<Head, Intervention> replaced = new HashMap<>();
    Map<Head, Intervention> unread = new HashMap<>();
    for (Intervention part : parts) {
      if (part instanceof OnHeads onHeads && !(part instanceof QueryKeyInjection)) {
        if (!(part instanceof ValueAblation)) {
          put(onHeads, replaced);
        }
        if (part instanceof ValueAblation || part instanceof MeanAblation) {
          put(onHeads, unread);
        }
      }
    }
  }

  private static void put(OnHeads part, Map<Head, Intervention> byHead) {
    for (Head head : part.heads().heads()) {
      Intervention earlier = byHead.put(head, part);
      if (earlier != null) {
        throw new IllegalArgumentException(
            "%s is named twice, in %s and in %s; choose one for it".formatted(head, earlier, part));
      }
    }
  }

  @Override
  public int firstLayer() {
    return parts.stream().mapToInt(Intervention::firstLayer).min().orElse(Integer.MAX_VALUE);
  }

  @Override
  public void check(HeadGrid grid) {
    parts.forEach(part -> part.check(grid));
  }

  @Override
  public Set<String> materials() {
    return parts.stream()
        .flatMap(part -> part.materials().stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public Materials over(
      List<int[]> sequences, Materials materials, Transformer model, NDManager manager) {
    Materials own = materials;
    for (Intervention part : parts) {
      own = part.over(sequences, own, model, manager);
    }
    return own;
  }

  @Override
  public Hooks hooks(Materials materials) {
    return parts.stream().map(part -> part.hooks(materials)).reduce(Hooks::then).orElse(Hooks.NONE);
  }

  /** {@code baseline}, or the parts with plus signs between. */
  @Override
  public String toString() {
    return parts.isEmpty()
        ? InterventionParser.BASELINE
        : parts.stream().map(Intervention::toString).collect(Collectors.joining("+"));
  }
}
