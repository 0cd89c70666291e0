package dev.touchstone.laboratory;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.touchstone.corpus.Chunk;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.measurement.CrossEntropy;
import dev.touchstone.model.Decoding.SideBySide;
import dev.touchstone.model.Generator;
import dev.touchstone.model.Gpt2;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import dev.touchstone.statistics.LossSum;
import dev.touchstone.tensor.Scope;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Where numbers are computed, whoever asked for them: what {@link Task}s do to a model. */
final class Passes {
  private static final Set<Site> BEFORE_HEAD_OUTPUTS =
      EnumSet.range(Site.RESIDUAL_BEFORE, Site.PATTERN);

  private Passes() {}

  /**
   * Interventions come by their first layer, so one unmodified stream advances below them all, and
   * those that change nothing in it before the heads' outputs share these.
   *
   * @param left by an earlier task, and for a later one; empty when there will be none
   */
  static void losses(
      Gpt2 model, Task.Losses task, Materials materials, Optional<Memory> left, Task.Parts parts) {
    Streams streams =
        left.map(memory -> memory.take(model, task.batch()))
            .orElseGet(() -> new Streams(model, tokens(task.batch())));
    try (NDManager manager = model.manager().newSubManager()) {
      Materials own = materials;
      for (Intervention intervention : task.interventions()) {
        own = intervention.over(streams.tokens(), own, model, manager);
      }
      for (int part = 0; part < task.interventions().size(); part++) {
        Intervention intervention = task.interventions().get(part);
        int first = Math.min(intervention.firstLayer(), model.config().layers());
        if (left.isEmpty()) {
          // Nobody begins below any more.
          streams.before(first);
          streams.forgetBelow(first);
        }
        parts.accept(part, losses(model, task, intervention.hooks(own), first, streams));
      }
    } finally {
      left.ifPresentOrElse(memory -> memory.leave(streams), streams::close);
    }
  }

  private static Map<Long, double[]> losses(
      Gpt2 model, Task.Losses task, Hooks hooks, int first, Streams streams) {
    boolean shared =
        first < model.config().layers()
            && BEFORE_HEAD_OUTPUTS.stream().noneMatch(site -> hooks.sees(site, first));
    NDArray start = streams.before(first);
    NDArray z = shared ? streams.headOutputs(first) : null;
    List<LossSum> losses =
        Scope.measure(
            () -> {
              // Where no block follows, what a pass begins with is what it ends with, and is freed.
              NDArray begun = first < model.config().layers() ? start : start.duplicate();
              NDArray end =
                  shared ? model.blocks(begun, z, first, hooks) : model.blocks(begun, first, hooks);
              return CrossEntropy.perChunk(model, end, streams.tokens());
            });
    Map<Long, double[]> byChunk = new TreeMap<>();
    for (int i = 0; i < losses.size(); i++) {
      byChunk.put(task.batch().get(i).key(), numbers(losses.get(i)));
    }
    return byChunk;
  }

  private static List<int[]> tokens(List<Chunk> batch) {
    return batch.stream().map(Chunk::tokens).toList();
  }

  /** The sums of a chunk, [layer x head x d_head], by the chunk's key. */
  static Map<Long, double[]> headSums(Gpt2 model, Chunk chunk) {
    int width = model.config().width();
    double[] sums = new double[model.config().layers() * width];
    Hooks collect =
        (site, layer, activation) -> {
          float[] sum = activation.sum(new int[] {0, 1}).toFloatArray();
          for (int i = 0; i < width; i++) {
            sums[layer * width + i] = sum[i];
          }
          return activation;
        };
    model.watch(List.of(chunk.tokens()), collect.only(Site.Z));
    return Map.of(chunk.key(), sums);
  }

  /** By candidate, those of a prompt one after the other. */
  static void draws(Gpt2 model, Task.Draws task, Task.Parts parts) {
    List<int[]> texts = tokens(task.prompts().all());
    int copies = task.wanted().copies();
    int seeds = task.seeds().size();
    SideBySide decoding =
        new SideBySide(
            task.seeds().stream()
                .map(seed -> task.wanted().sampling(task.intervention(), seed))
                .toList(),
            copies);
    List<double[]> losses =
        Scope.measure(
            () ->
                CrossEntropy.ofContinuations(
                    model,
                    texts,
                    new Generator(model, task.intervention().hooks(Materials.NONE), true)
                        .continuations(texts, seeds * copies, task.wanted().tokens(), decoding)
                        .tokens()));
    for (int seed = 0; seed < seeds; seed++) {
      Map<Long, double[]> byCandidate = new TreeMap<>();
      for (int candidate = 0; candidate < texts.size() * copies; candidate++) {
        int prompt = candidate / copies;
        int drawn = (prompt * seeds + seed) * copies + candidate % copies;
        byCandidate.put((long) candidate, numbers(LossSum.of(losses.get(drawn))));
      }
      parts.accept(seed, byCandidate);
    }
  }

  /** As the record keeps it. */
  static double[] numbers(LossSum loss) {
    return new double[] {loss.sum(), loss.count()};
  }
}
