package dev.touchstone.measurement;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.decomposition.AdversarialMasks;
import dev.touchstone.decomposition.AscentBudget;
import dev.touchstone.decomposition.Component;
import dev.touchstone.decomposition.ComponentModel;
import dev.touchstone.decomposition.Contribution;
import dev.touchstone.decomposition.ModuleMask;
import dev.touchstone.decomposition.Sampling;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.model.Head;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.LinearMaps;
import dev.touchstone.model.LlamaSimpleMlp;
import dev.touchstone.model.Site;
import dev.touchstone.tensor.Scope;
import dev.touchstone.tensor.SeededArrays;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What ablating attention heads, or parameter components in one of three modes, does to a
 * LlamaSimpleMLP's predictions and attention patterns (docs/protocol.md, section 8). Each method
 * makes a baseline pass and an ablated one over the same tokens, which differ in nothing else.
 *
 * @param model the model and its components
 * @param ids token ids [batch, position]
 * @param keeper where results live
 */
public record AttentionAblation(ComponentModel model, NDArray ids, NDManager keeper) {
  /** Passes that stochastic mode averages over. */
  public static final int MASK_SAMPLES = 10;

  /**
   * What a pass gives, or the mean of several passes.
   *
   * @param logits [batch, position, vocabulary]
   * @param patterns by layer, [head, query, key], averaged over the batch
   * @param values by layer, [position, key-value head, d_head], averaged over the batch
   * @param outputs what attention writes by layer, [position, d_model], averaged over the batch
   * @param samples how many passes
   */
  public record Pass(
      NDArray logits,
      Map<Integer, NDArray> patterns,
      Map<Integer, NDArray> values,
      Map<Integer, NDArray> outputs,
      int samples) {
    /** How much each head attends to the token before. */
    public SortedMap<Head, Double> previousToken() {
      SortedMap<Head, Double> scores = new TreeMap<>();
      patterns.forEach(
          (layer, pattern) -> {
            double[] ofLayer = PreviousToken.scores(pattern);
            for (int head = 0; head < ofLayer.length; head++) {
              scores.put(new Head(layer, head), ofLayer[head]);
            }
          });
      return scores;
    }
  }

  /** A baseline and what became of it. */
  public record Outcome(Pass baseline, Pass ablated) {
    /** The two metrics of predictions. */
    public PredictionChange change() {
      return PredictionChange.between(baseline.logits(), ablated.logits());
    }

    /** The two metrics of what attention writes. */
    public OutputSimilarity similarity() {
      return OutputSimilarity.between(baseline.outputs(), ablated.outputs());
    }
  }

  /**
   * Adversarial mode (docs/protocol.md, "Masks").
   *
   * @param reported deterministic mode's patterns and predictions, which stand beside the losses
   * @param adversarial those under the adversarial masks
   * @param baseline found with the components' own importances
   * @param ablated found with the ablated components' importance at 0
   * @param budget what either was found with
   */
  public record Adversarial(
      Outcome reported,
      Outcome adversarial,
      AdversarialMasks baseline,
      AdversarialMasks ablated,
      AscentBudget budget) {}

  /**
   * The target model without and with an intervention, such as {@code zero(L0H3)}; no component
   * takes part.
   *
   * @param intervention one that names no material
   * @throws IllegalArgumentException when the model has no such head or layer, or names a material
   */
  public Outcome heads(Intervention intervention) {
    return heads(intervention, Materials.NONE);
  }

  /**
   * As {@link #heads(Intervention)}.
   *
   * @param materials what the intervention names, made of the target: of a {@link Reference}, of
   *     {@link OptimalConstants}, or donors of the batch's sequences
   */
  public Outcome heads(Intervention intervention, Materials materials) {
    LlamaSimpleMlp target = model.target();
    intervention.check(target.config());
    List<int[]> tokens = new ArrayList<>();
    for (long sequence = 0; sequence < ids.getShape().get(0); sequence++) {
      tokens.add(
          Arrays.stream(ids.get(sequence).toLongArray()).mapToInt(Math::toIntExact).toArray());
    }
    Hooks hooks = intervention.hooks(intervention.over(tokens, materials, target, keeper));
    return new Outcome(original(), pass(target::linear, hooks));
  }

  /**
   * Masks of ones, against the same with the components at 0.
   *
   * @param positions where they are; none for everywhere
   */
  public Outcome deterministic(List<Component> components, int... positions) {
    components.forEach(model::check);
    return new Outcome(masked(model.ones(keeper)), masked(ones(components, positions)));
  }

  /**
   * Masks of ones, against the same less what components contribute, such as to one head, with an
   * intervention on heads beside.
   *
   * @param beside one that names no material; the baseline for none
   */
  public Outcome less(List<Contribution> contributions, Intervention beside) {
    contributions.forEach(model::check);
    beside.check(model.target().config());
    Map<String, ModuleMask> ones = model.ones(keeper);
    return new Outcome(
        masked(ones),
        pass(model.less(model.maps(ones), contributions), beside.hooks(Materials.NONE)));
  }

  /**
   * The mean over passes with stochastic masks, against the same with the components' importance at
   * 0. Draws alternate: a baseline pass's, an ablated one's, and again.
   *
   * @param seed of the draws
   * @param positions where it is 0; none for everywhere
   */
  public Outcome stochastic(
      List<Component> components, Sampling sampling, int samples, long seed, int... positions) {
    components.forEach(model::check);
    SeededArrays random = new SeededArrays(seed);
    Map<String, NDArray> importances =
        model.importances(ids, raw -> sampling.noisy(raw, random), keeper);
    Map<String, NDArray> without = without(importances, components, positions);
    List<Pass> baseline = new ArrayList<>();
    List<Pass> ablated = new ArrayList<>();
    for (int sample = 0; sample < samples; sample++) {
      baseline.add(drawn(importances, sampling, random));
      ablated.add(drawn(without, sampling, random));
    }
    return new Outcome(mean(baseline), mean(ablated));
  }

  private Pass drawn(Map<String, NDArray> importances, Sampling sampling, SeededArrays random) {
    return masked(Sampling.masks(importances, sampling.sources(importances, random, keeper)));
  }

  /**
   * Masks found by projected gradient ascent.
   *
   * @param seed of random sources
   * @param positions where the components are ablated; none for everywhere
   */
  public Adversarial adversarial(
      List<Component> components, AscentBudget budget, long seed, int... positions) {
    components.forEach(model::check);
    SeededArrays random = new SeededArrays(seed);
    Map<String, NDArray> importances = model.importances(ids, keeper);
    Map<String, NDArray> ablated = without(importances, components, positions);
    AdversarialMasks before =
        AdversarialMasks.ascend(model, ids, importances, budget, random, keeper);
    AdversarialMasks after = AdversarialMasks.ascend(model, ids, ablated, budget, random, keeper);
    return new Adversarial(
        deterministic(components, positions),
        new Outcome(
            masked(Sampling.masks(importances, before.sources())),
            masked(Sampling.masks(ablated, after.sources()))),
        before,
        after,
        budget);
  }

  /** The mean of passes: their sum divided by their number. */
  public Pass mean(List<Pass> passes) {
    return new Pass(
        mean(passes.stream().map(Pass::logits).toArray(NDArray[]::new)),
        meanByLayer(passes.stream().map(Pass::patterns).toList()),
        meanByLayer(passes.stream().map(Pass::values).toList()),
        meanByLayer(passes.stream().map(Pass::outputs).toList()),
        passes.stream().mapToInt(Pass::samples).sum());
  }

  private Map<Integer, NDArray> meanByLayer(List<Map<Integer, NDArray>> passes) {
    Map<Integer, NDArray> means = new LinkedHashMap<>();
    for (int layer : passes.get(0).keySet()) {
      means.put(layer, mean(passes.stream().map(pass -> pass.get(layer)).toArray(NDArray[]::new)));
    }
    return means;
  }

  private NDArray mean(NDArray... arrays) {
    NDList list = new NDList(arrays);
    return Scope.keep(
        Scope.compute(() -> NDArrays.stack(list).sum(new int[] {0}).div(arrays.length)), keeper);
  }

  /** A pass with components under masks. */
  public Pass masked(Map<String, ModuleMask> masks) {
    return pass(model.maps(masks), Hooks.NONE);
  }

  /** A pass of the target itself. */
  public Pass original() {
    return pass(model.target()::linear, Hooks.NONE);
  }

  Pass pass(LinearMaps maps, Hooks hooks) {
    Capture capture = new Capture(keeper, Site.PATTERN, Site.VALUE, Site.ATTENTION_OUTPUT);
    NDArray logits =
        Scope.compute(() -> model.target().logits(ids, hooks.then(capture.hooks()), maps));
    return new Pass(
        Scope.keep(logits, keeper),
        capture.meanOverBatch(Site.PATTERN),
        capture.meanOverBatch(Site.VALUE),
        capture.meanOverBatch(Site.ATTENTION_OUTPUT),
        1);
  }

  /**
   * Importances [batch, position, C] with those of some components at 0.
   *
   * @param positions where they are; none for everywhere
   */
  public Map<String, NDArray> without(
      Map<String, NDArray> importances, List<Component> components, int... positions) {
    Map<String, NDArray> without = new LinkedHashMap<>();
    importances.forEach(
        (module, importance) ->
            without.put(
                module,
                Scope.keep(
                    Scope.compute(() -> importance.mul(mask(module, components, positions))),
                    keeper)));
    return without;
  }

  private Map<String, ModuleMask> ones(List<Component> without, int... positions) {
    Map<String, ModuleMask> masks = new LinkedHashMap<>();
    for (String module : model.components().keySet()) {
      masks.put(module, ModuleMask.of(mask(module, without, positions)));
    }
    return masks;
  }

  /** Ones but for some components, [1, 1, C], or [1, position, C] for some positions only. */
  private NDArray mask(String module, List<Component> without, int... positions) {
    int count = model.components().get(module).count();
    int length = positions.length == 0 ? 1 : (int) ids.getShape().get(1);
    float[] mask = new float[length * count];
    Arrays.fill(mask, 1);
    for (int position : positions.length == 0 ? new int[] {0} : positions) {
      if (position >= length) {
        throw new IllegalArgumentException(
            "there is no position %d in a sequence of %d tokens".formatted(position, length));
      }
      without.stream()
          .filter(component -> component.module().equals(module))
          .forEach(component -> mask[position * count + component.index()] = 0);
    }
    return keeper.create(mask, new Shape(1, length, count));
  }
}
