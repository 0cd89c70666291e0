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
   */
  static void losses(Gpt2 model, Task.Losses task, Materials materials, Task.Parts parts) {
    try (NDManager manager = model.manager().newSubManager()) {
      List<int[]> tokens = task.batch().stream().map(Chunk::tokens).toList();
      NDArray unmodified = Scope.keep(model.embed(Gpt2.ids(manager, tokens), 0), manager);
      NDArray headOutputs = null;
      int layer = 0;
      for (int part = 0; part < task.interventions().size(); part++) {
        Intervention intervention = task.interventions().get(part);
        int first = Math.min(intervention.firstLayer(), model.config().layers());
        for (; layer < first; layer++) {
          NDArray next = Scope.keep(model.block(layer, unmodified, Hooks.NONE), manager);
          unmodified.close();
          unmodified = next;
          if (headOutputs != null) {
            headOutputs.close();
            headOutputs = null;
          }
        }
        Hooks hooks = intervention.hooks(materials);
        boolean shared =
            first < model.config().layers()
                && BEFORE_HEAD_OUTPUTS.stream().noneMatch(site -> hooks.sees(site, first));
        if (shared && headOutputs == null) {
          headOutputs = Scope.keep(model.headOutputs(first, unmodified), manager);
        }
        NDArray start = unmodified;
        NDArray z = headOutputs;
        List<LossSum> losses =
            Scope.measure(
                () -> {
                  NDArray end =
                      shared
                          ? model.blocks(start, z, first, hooks)
                          : model.blocks(start, first, hooks);
                  return CrossEntropy.perChunk(model, end, tokens);
                });
        Map<Long, double[]> byChunk = new TreeMap<>();
        for (int i = 0; i < losses.size(); i++) {
          byChunk.put(task.batch().get(i).key(), numbers(losses.get(i)));
        }
        parts.accept(part, byChunk);
      }
    }
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
    List<int[]> texts = task.prompts().all().stream().map(Chunk::tokens).toList();
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
