package dev.touchstone.measurement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.Seeds;
import dev.touchstone.decomposition.AdversarialMasks;
import dev.touchstone.decomposition.Component;
import dev.touchstone.decomposition.ComponentModel;
import dev.touchstone.decomposition.Sampling;
import dev.touchstone.intervention.Donors;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.measurement.AttentionAblation.Adversarial;
import dev.touchstone.measurement.AttentionAblation.Outcome;
import dev.touchstone.measurement.AttentionAblation.Pass;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.LlamaSimpleMlp;
import dev.touchstone.model.Site;
import dev.touchstone.tensor.Scope;
import dev.touchstone.tensor.SeededArrays;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
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
  void takesAwayTheImportanceOfItsComponentsOnly() {
    Map<String, NDArray> importances = model.importances(ids, manager);

    Map<String, NDArray> without = ablation.without(importances, ABLATED);

    assertThat(without.keySet()).isEqualTo(importances.keySet());
    without.forEach(
        (module, importance) -> {
          NDArray expected = importances.get(module).duplicate();
          if (module.equals("h.0.attn.q_proj")) {
            expected.set(new NDIndex(":, :, 3"), 0);
          }
          same(importance, expected);
        });
  }

  @Test
  void averagesPatternsAndValuesOfPassesByLayer() {
    Pass one = ablation.original();
    Pass other = ablation.masked(model.ones(manager));

    Pass mean = ablation.mean(List.of(one, other));

    assertThat(mean.samples()).isEqualTo(2);
    assertThat(mean.patterns()).containsOnlyKeys(0, 1);
    for (int layer = 0; layer < 2; layer++) {
      same(
          mean.patterns().get(layer),
          one.patterns().get(layer).add(other.patterns().get(layer)).div(2f));
      same(
          mean.values().get(layer), one.values().get(layer).add(other.values().get(layer)).div(2f));
    }
  }

  @Test
  void ablatesHeadsOfTheTargetItself() {
    Intervention zero = Intervention.parse("zero(L0H1)");
    NDArray logits = model.target().logits(ids, zero.hooks(Materials.NONE));

    Outcome outcome = ablation.heads(zero);

    same(outcome.baseline().logits(), model.target().logits(ids, Hooks.NONE));
    same(outcome.ablated().logits(), logits);
    assertThat(outcome.change())
        .isEqualTo(PredictionChange.between(outcome.baseline().logits(), logits));
    assertThat(outcome.change().meanKlDivergence()).isPositive();
    same(outcome.ablated().patterns().get(0), outcome.baseline().patterns().get(0));
  }

  /** Of two sequences each has the other for its donor. */
  @Test
  void givesHeadsTheirOutputsOnTheBatchsOtherSequence() {
    List<int[]> tokens = new ArrayList<>();
    for (int sequence = 0; sequence < 2; sequence++) {
      tokens.add(
          Arrays.stream(ids.get(sequence).toLongArray()).mapToInt(Math::toIntExact).toArray());
    }
    Intervention resampled = Intervention.parse("resample[7](L1H0)");
    List<NDArray> z = new ArrayList<>();
    Hooks look =
        (site, layer, activation) -> {
          if (layer == 1) {
            z.add(Scope.keep(activation.duplicate(), manager));
          }
          return activation;
        };
    model.target().watch(tokens, look.only(Site.Z));
    Hooks swapped =
        (site, layer, activation) -> {
          NDArray other = activation.duplicate();
          if (layer == 1) {
            other.set(new NDIndex(":, :, 0"), z.get(0).flip(0).get(":, :, 0"));
          }
          return other;
        };

    Outcome outcome = ablation.heads(resampled, Materials.NONE.with("7", Donors.drawn(tokens, 7)));

    assertThat(outcome.change().meanKlDivergence()).isPositive();
    float[] expected = model.target().logits(ids, swapped.only(Site.Z)).toFloatArray();
    assertThat(outcome.ablated().logits().toFloatArray()).containsExactly(expected, within(1e-5f));
  }

  @Test
  void ascendsOnceWithTheComponentsImportancesAndOnceWithout() {
    SeededArrays random = new SeededArrays(7);
    Map<String, NDArray> importances = model.importances(ids, manager);
    Map<String, NDArray> without = ablation.without(importances, ABLATED);

    Adversarial found = ablation.adversarial(ABLATED, 1, 0.5f, 7);

    List<AdversarialMasks> masks = new ArrayList<>();
    for (Map<String, NDArray> own : List.of(importances, without)) {
      Map<String, NDArray> start = Sampling.CONTINUOUS.sources(own, random, manager);
      masks.add(AdversarialMasks.ascend(model, ids, own, start, 1, 0.5f, manager));
    }
    assertThat(found.baseline().losses()).isEqualTo(masks.get(0).losses());
    assertThat(found.ablated().losses()).isEqualTo(masks.get(1).losses());
    same(
        found.adversarial().ablated().logits(),
        ablation.masked(Sampling.masks(without, masks.get(1).sources())).logits());
    same(found.reported().ablated().logits(), ablation.deterministic(ABLATED).ablated().logits());
  }

  @Test
  void refusesComponentsThatAreNotThere() {
    List<Component> none = Component.parseAll("h.9.attn.q_proj:3");
    // Before any pass, which would refuse these ids.
    AttentionAblation unread = new AttentionAblation(model, ids.add(100_000), manager);
    for (ThrowingCallable ablating :
        List.<ThrowingCallable>of(
            () -> unread.deterministic(none),
            () -> unread.stochastic(none, Sampling.CONTINUOUS, 1, 7),
            () -> unread.adversarial(none, 1, 0.1f, 7))) {
      assertThatThrownBy(ablating)
          .hasMessageStartingWith(
              "there is no component h.9.attn.q_proj:3: the decomposed modules");
    }
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
