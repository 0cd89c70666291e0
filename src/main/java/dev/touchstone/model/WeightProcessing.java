package dev.touchstone.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import dev.touchstone.tensor.Scope;
import java.io.Serializable;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * How weights are rewritten before anything is measured on them. Logits stay the same up to a
 * constant per position; zero-ablation, W_QK and what a layer writes do not. The four steps, their
 * order and their effect are TransformerLens's defaults; each applies to whichever of its tensors
 * are there.
 *
 * @param steps applied in the order of {@link Step}, whatever order they are given in
 */
public record WeightProcessing(Set<Step> steps) implements Serializable {
  /** The weights as they are stored. */
  public static final WeightProcessing NONE = new WeightProcessing(Set.of());

  /** What TransformerLens does by default, and so what the reports measured. */
  public static final WeightProcessing TRANSFORMER_LENS =
      new WeightProcessing(EnumSet.allOf(Step.class));

  /** One rewriting of the weights: a pure function that leaves its argument as it was. */
  public enum Step {
    /** Layer norms become centring and scaling only. */
    FOLD_LAYER_NORM(WeightProcessing::foldLayerNorm),
    /** What writes to the residual stream writes no mean. */
    CENTRE_WRITING_WEIGHTS(WeightProcessing::centreWritingWeights),
    /** The unembedding has no mean over the vocabulary. */
    CENTRE_UNEMBEDDING(WeightProcessing::centreUnembedding),
    /** Value biases move behind W_O. */
    FOLD_VALUE_BIASES(WeightProcessing::foldValueBiases);

    private final UnaryOperator<Weights> rewrite;

    Step(UnaryOperator<Weights> rewrite) {
      this.rewrite = rewrite;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  public WeightProcessing {
    steps = steps.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(steps));
  }

  /** These steps but one. */
  public WeightProcessing without(Step step) {
    return new WeightProcessing(
        steps.stream().filter(other -> other != step).collect(Collectors.toSet()));
  }

  /** New weights on the same device; tensors that no step touches are shared. */
  public Weights apply(Weights weights) {
    Weights processed = weights;
    for (Step step : steps) {
      processed = step.rewrite.apply(processed);
    }
    return processed;
  }

  /**
   * Folds each norm's scale and shift into the linear map that reads it: b += W^T shift, W = scale
   * * W row by row, then W minus its mean over the input axis, since a centred input has no part
   * along it.
   */
  static Weights foldLayerNorm(Weights weights) {
    Rewriting rewriting = new Rewriting(weights);
    for (int layer = 0; layer < weights.config().layers(); layer++) {
      String block = "h." + layer + ".";
      foldNorm(rewriting, block + "ln_1", block + "attn.c_attn");
      foldNorm(rewriting, block + "ln_2", block + "mlp.c_fc");
    }
    foldNorm(rewriting, "ln_f", Weights.UNEMBED);
    return rewriting.result();
  }

  private static void foldNorm(Rewriting rewriting, String norm, String reader) {
    if (!rewriting.source.hasLayer(norm) || !rewriting.source.hasLayer(reader)) {
      return;
    }
    NDArray scale = rewriting.source.get(norm + ".weight");
    NDArray shift = rewriting.source.get(norm + ".bias");
    NDArray weight = rewriting.source.get(reader + ".weight");
    NDArray bias = rewriting.source.get(reader + ".bias");
    rewriting.put(
        reader + ".bias", () -> bias.add(shift.reshape(1, -1).matMul(weight).reshape(-1)));
    rewriting.put(
        reader + ".weight",
        () -> {
          NDArray scaled = weight.mul(scale.reshape(-1, 1));
          return scaled.sub(scaled.mean(new int[] {0}, true));
        });
    rewriting.put(norm + ".weight", scale::onesLike);
    rewriting.put(norm + ".bias", shift::zerosLike);
  }

  /** Subtracts from each row that is written to the residual stream its mean over d_model. */
  static Weights centreWritingWeights(Weights weights) {
    Rewriting rewriting = new Rewriting(weights);
    centreRows(rewriting, "wte.weight");
    centreRows(rewriting, "wpe.weight");
    for (int layer = 0; layer < weights.config().layers(); layer++) {
      for (String writer : new String[] {".attn.c_proj", ".mlp.c_proj"}) {
        centreRows(rewriting, "h." + layer + writer + ".weight");
        centreRows(rewriting, "h." + layer + writer + ".bias");
      }
    }
    return rewriting.result();
  }

  /** Subtracts from W_U and b_U their mean over the vocabulary: softmax does not see it. */
  static Weights centreUnembedding(Weights weights) {
    Rewriting rewriting = new Rewriting(weights);
    centreRows(rewriting, Weights.UNEMBED + ".weight");
    centreRows(rewriting, Weights.UNEMBED + ".bias");
    return rewriting.result();
  }

  private static void centreRows(Rewriting rewriting, String name) {
    NDArray tensor = rewriting.source.tensors().get(name);
    if (tensor != null) {
      rewriting.put(name, () -> tensor.sub(tensor.mean(new int[] {-1}, true)));
    }
  }

  /**
   * A pattern's rows sum to one, so a value bias reaches the output whole: b_O += b_V W_O over all
   * heads, b_V = 0. Zeroing a head's z then leaves its value bias in place.
   */
  static Weights foldValueBiases(Weights weights) {
    Rewriting rewriting = new Rewriting(weights);
    int width = weights.config().width();
    for (int layer = 0; layer < weights.config().layers(); layer++) {
      String attention = "h." + layer + ".attn.";
      if (!weights.hasLayer(attention + "c_attn") || !weights.hasLayer(attention + "c_proj")) {
        continue;
      }
      NDArray biases = weights.get(attention + "c_attn.bias");
      NDArray output = weights.get(attention + "c_proj.weight");
      NDArray outputBias = weights.get(attention + "c_proj.bias");
      rewriting.put(
          attention + "c_proj.bias",
          () -> {
            NDArray values = biases.get(2 * width + ":").reshape(1, width);
            return outputBias.add(values.matMul(output).reshape(width));
          });
      rewriting.put(
          attention + "c_attn.bias",
          () -> {
            NDArray folded = biases.duplicate();
            folded.set(new NDIndex(2 * width + ":"), 0);
            return folded;
          });
    }
    return rewriting.result();
  }

  /** The steps' names in their order, as the laboratory's memo and the reports show them. */
  @Override
  public String toString() {
    return steps.isEmpty()
        ? "unprocessed"
        : steps.stream().map(Step::toString).collect(Collectors.joining("+"));
  }

  /** Collects replaced tensors; what makes them frees its intermediates. */
  private static final class Rewriting {
    private final Weights source;
    private final Map<String, NDArray> tensors;

    Rewriting(Weights source) {
      this.source = source;
      this.tensors = new LinkedHashMap<>(source.tensors());
    }

    void put(String name, Supplier<NDArray> tensor) {
      tensors.put(name, Scope.compute(tensor));
    }

    Weights result() {
      return new Weights(source.config(), tensors);
    }
  }
}
