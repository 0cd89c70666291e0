package dev.touchstone.bench;

import dev.touchstone.intervention.Intervention;
import dev.touchstone.model.Gpt2Config;
import dev.touchstone.model.Head;
import dev.touchstone.suite.experiment.exp10b.HeadChange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Which heads a sweep changes one by one; ReLU changes none of layer 0's, as in exp10. */
enum Extent {
  /** Every head: 144 zeroed, 144 at their mean, 132 linearized, and the baseline. */
  FULL(head -> true),
  /** One head of each layer, which keeps the proportions of the layers. */
  SAMPLE(head -> head.layer() == head.index());

  private final Predicate<Head> chosen;

  Extent(Predicate<Head> chosen) {
    this.chosen = chosen;
  }

  static Extent named(String word) {
    for (Extent extent : values()) {
      if (extent.toString().equals(word)) {
        return extent;
      }
    }
    throw new IllegalArgumentException(
        "bench.sweep is \"" + word + "\"; it can be full (every head) or sample (one a layer)");
  }

  /** The interventions by what they do, as exp10 asks for them; the baseline comes first. */
  Map<String, List<Intervention>> parts(Gpt2Config config) {
    List<Head> heads = Head.all(config.layers(), config.heads()).stream().filter(chosen).toList();
    List<Intervention> zero = new ArrayList<>(List.of(Intervention.BASELINE));
    zero.addAll(changes(HeadChange.ZERO, heads.stream()));
    Map<String, List<Intervention>> parts = new LinkedHashMap<>();
    parts.put("zero", List.copyOf(zero));
    parts.put("mean", changes(HeadChange.MEAN, heads.stream()));
    parts.put("relu", changes(HeadChange.RELU, heads.stream().filter(head -> head.layer() > 0)));
    return parts;
  }

  /** All of them in one list. */
  List<Intervention> interventions(Gpt2Config config) {
    return parts(config).values().stream().flatMap(List::stream).toList();
  }

  private static List<Intervention> changes(HeadChange change, Stream<Head> heads) {
    return heads.map(head -> change.on(List.of(head))).toList();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
