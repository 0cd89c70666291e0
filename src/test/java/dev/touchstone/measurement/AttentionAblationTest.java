package dev.touchstone.measurement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.Seeds;
import dev.touchstone.decomposition.Component;
import dev.touchstone.decomposition.ComponentModel;
import dev.touchstone.decomposition.Sampling;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.measurement.AttentionAblation.Outcome;
import dev.touchstone.measurement.AttentionAblation.Pass;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.LlamaSimpleMlp;
import dev.touchstone.tensor.SeededArrays;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AttentionAblationTest {
  private static final long SEED = Seeds.seed("AttentionAblationTest");

  private static final Path FOLDER = Path.of("golden/subjects/llama-nano");
  private static final List<Component> ABLATED = Component.parseAll("h.0.attn.q_proj:3");

  private final NDManager manager = NDManager.newBaseManager();
  private final ComponentModel model =
      ComponentModel.load(
          Checkpoint.open(FOLDER.resolve("decomposition.safetensors")),
          LlamaSimpleMlp.load(Checkpoint.open(FOLDER.resolve("model.safetensors")), manager),
          manager);
  private final NDArray ids = new SeededArrays(SEED).integers(manager, new Shape(2, 8), 1024);
  private final AttentionAblation ablation = new AttentionAblation(model, ids, manager);

  @AfterEach
  void free() {
    manager.close();
  }

  private static void same(NDArray seen, NDArray expected) {
    assertThat(seen.toFloatArray()).isEqualTo(expected.toFloatArray());
  }

  /** One stream of numbers: the noise first, then a baseline draw, an ablated one, and again. */
  @ParameterizedTest
  @EnumSource(Sampling.class)
  void alternatesBaselineAndAblatedDraws(Sampling sampling) {
    SeededArrays random = new SeededArrays(SEED + 1);
    Map<String, NDArray> importances =
        model.importances(ids, raw -> sampling.noisy(raw, random), manager);
    Map<String, NDArray> without = ablation.without(importances, ABLATED);
    List<Pass> passes = new ArrayList<>();
    for (Map<String, NDArray> own : List.of(importances, without, importances, without)) {
      passes.add(ablation.masked(Sampling.masks(own, sampling.sources(own, random, manager))));
    }

    Outcome outcome = ablation.stochastic(ABLATED, sampling, 2, SEED + 1);

    same(outcome.baseline().logits(), passes.get(0).logits().add(passes.get(2).logits()).div(2f));
    same(outcome.ablated().logits(), passes.get(1).logits().add(passes.get(3).logits()).div(2f));
  }

  @Test
  void masksEverySequenceOfABatch() {
    Outcome outcome = ablation.deterministic(ABLATED, 5);
    NDArray change = outcome.ablated().logits().sub(outcome.baseline().logits()).abs();
    assertThat(change.get(":, 0:5").max().getFloat()).isZero();
    assertThat(change.get("0, 5:").max().getFloat()).isPositive();
    assertThat(change.get("1, 5:").max().getFloat()).isPositive();
  }

  @Test
  void refusesPlacesThatAreNotThere() {
    assertThatThrownBy(() -> ablation.deterministic(ABLATED, 8))
        .hasMessage("there is no position 8 in a sequence of 8 tokens");
    assertThatThrownBy(() -> ablation.heads(Intervention.parse("zero(L2H0)")))
        .hasMessage("there is no head L2H0: the model's are L0H0 to L1H3");
    assertThatThrownBy(() -> ablation.heads(Intervention.parse("mean(L1H0)")))
        .hasMessageStartingWith("no head means called \"evaluated\" was given");
  }
}
