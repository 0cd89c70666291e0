package dev.touchstone.laboratory;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.corpus.Chunk;
import dev.touchstone.intervention.Material;
import dev.touchstone.intervention.Materials;
import dev.touchstone.model.Gpt2Config;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import dev.touchstone.statistics.LossSum;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Stands for the models where a laboratory only counts what it would measure. Its losses and
 * activations are random numbers that mean nothing, but let whatever asks for them ask on.
 */
public final class Rehearsal {
  /** About what GPT-2 loses on a token, in nats. */
  private static final double LOSS = 3;

  /**
   * What would be asked of an {@link Engine} at once, after all before it; or, where there are no
   * tasks, computed by whoever asks.
   *
   * @param materialBytes of what the tasks name and no step before it did
   */
  public record Step(Gpt2Config config, List<Task> tasks, long materialBytes, Work own) {}

  private final List<Step> steps = new ArrayList<>();
  private final Set<String> sent = new HashSet<>();
  private final Map<String, Work> making = new HashMap<>();
  private final SplittableRandom random = new SplittableRandom(1);
  private final Map<String, Map<Long, double[]>> imagined = new HashMap<>();
  private final Set<String> seen = new HashSet<>();
  private Work missing = Work.NONE;
  private Work kept = Work.NONE;

  Rehearsal() {}

  /** What would have been measured so far. */
  public Work missing() {
    return missing;
  }

  /** What was asked for so far and is in the record. */
  public Work kept() {
    return kept;
  }

  /** What would have been asked so far, in its order. */
  public List<Step> steps() {
    return List.copyOf(steps);
  }

  /** What a material will take to make, if it comes to be needed. */
  void toMake(String fingerprint, Work work) {
    making.put(fingerprint, work);
  }

  void asked(Gpt2Config config, List<? extends Task> tasks, Materials materials) {
    List<Material> unsent =
        materials.byName().values().stream()
            .filter(material -> sent.add(material.fingerprint()))
            .toList();
    for (Material material : unsent) {
      Work work = making.get(material.fingerprint());
      if (work != null) {
        missing(work);
        steps.add(new Step(config, List.of(), 0, work));
      }
    }
    long bytes = unsent.stream().mapToLong(Material::bytes).sum();
    steps.add(new Step(config, List.copyOf(tasks), bytes, Work.NONE));
  }

  void missing(Work work) {
    missing = missing.plus(work);
  }

  /** Counts what is kept of a run once, however often it is asked for. */
  void kept(String run, long from, Work work) {
    if (seen.add(from + " " + run)) {
      kept = kept.plus(work);
    }
  }

  /** What an earlier question of this rehearsal got. */
  Map<Long, double[]> numbers(String run) {
    return imagined.getOrDefault(run, Map.of());
  }

  void record(String run, Map<Long, double[]> numbers) {
    imagined.computeIfAbsent(run, unknown -> new HashMap<>()).putAll(numbers);
  }

  LossSum loss(int tokens) {
    return new LossSum(tokens * (LOSS + random.nextDouble() / 10), tokens);
  }

  Map<Long, double[]> outputSums(Gpt2Config config, Chunk chunk) {
    return Map.of(chunk.key(), random.doubles((long) config.layers() * config.width()).toArray());
  }

  /** Shows hooks what a pass over so many sequences would, site by site. */
  void watch(Subject subject, int batch, int length, Hooks hooks) {
    Gpt2Config config = subject.config();
    steps.add(new Step(config, List.of(), 0, Work.ofBlocks(config, batch, length)));
    for (int layer = 0; layer < config.layers(); layer++) {
      // As in a pass, what a block makes lives until the block has ended.
      try (NDManager manager = subject.compute().newManager()) {
        for (Site site : Site.values()) {
          if (hooks.sees(site, layer)) {
            NDArray activation = manager.randomNormal(shape(config, site, batch, length));
            hooks.at(site, layer, activation);
          }
        }
      }
    }
  }

  private static Shape shape(Gpt2Config config, Site site, int batch, int length) {
    return switch (site) {
      case SCORES, PATTERN -> new Shape(batch, config.heads(), length, length);
      case QUERY, KEY, VALUE, Z -> new Shape(batch, length, config.heads(), config.headWidth());
      default -> new Shape(batch, length, config.width());
    };
  }
}
