package dev.touchstone.measurement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.Seeds;
import dev.touchstone.decomposition.AdversarialMasks;
import dev.touchstone.decomposition.AscentBudget;
import dev.touchstone.decomposition.AscentBudget.Start;
import dev.touchstone.decomposition.Component;
import dev.touchstone.decomposition.ComponentModel;
import dev.touchstone.decomposition.Contribution;
import dev.touchstone.decomposition.ModuleMask;
import dev.touchstone.decomposition.Sampling;
import dev.touchstone.intervention.Donors;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.measurement.AttentionAblation.Adversarial;
import dev.touchstone.measurement.AttentionAblation.Outcome;
import dev.touchstone.measurement.AttentionAblation.Pass;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Head;
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
import java.util.SortedMap;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  private static void close(NDArray seen, NDArray expected) {
    assertThat(seen.sub(expected).abs().max().getFloat()).isLessThan(1e-4f);
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
  void scoresEachHeadOfAPassByWhatItGivesTheTokenBefore() {
    Pass pass = ablation.original();

    SortedMap<Head, Double> scores = pass.previousToken();

    assertThat(scores).containsOnlyKeys(Head.all(2, 4));
    scores.forEach(
        (head, score) -> {
          NDArray pattern = pass.patterns().get(head.layer()).get(head.index());
          double sum = 0;
          for (int query = 1; query < 8; query++) {
            sum += pattern.getFloat(query, query - 1);
          }
          assertThat(score).isEqualTo(sum / 7);
        });
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

    Adversarial found =
        ablation.adversarial(ABLATED, new AscentBudget(1, 0.5f, 0, Start.RANDOM), 7);

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
            () -> unread.adversarial(none, AscentBudget.REPORT, 7))) {
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
  void takesAwayWhatComponentsContributeAsMasksDo() {
    List<Component> queryAndOutput = Component.parseAll("h.0.attn.q_proj:0,h.1.attn.o_proj:0");
    for (int[] positions : new int[][] {{2, 5}, {}}) {
      List<Contribution> all =
          queryAndOutput.stream().map(each -> Contribution.of(each).at(positions)).toList();

      NDArray seen = ablation.less(all, Intervention.BASELINE).ablated().logits();

      close(seen, ablation.deterministic(queryAndOutput, positions).ablated().logits());
    }
  }

  @Test
  void takesAContributionFromOneHeadsQueriesOnly() {
    Contribution one =
        Contribution.of(Component.parse("h.1.attn.q_proj:0")).to(new Head(1, 2)).at(5);

    Outcome outcome = ablation.less(List.of(one), Intervention.BASELINE);

    NDArray change =
        outcome.ablated().patterns().get(1).sub(outcome.baseline().patterns().get(1)).abs();
    assertThat(change.get("2, 5").max().getFloat()).isGreaterThan(1e-3f);
    assertThat(change.sum().getFloat()).isEqualTo(change.get("2, 5").sum().getFloat());
    same(outcome.ablated().patterns().get(0), outcome.baseline().patterns().get(0));
  }

  @ParameterizedTest
  @CsvSource({
    "h.1.attn.q_proj:0, L0H2",
    "h.1.attn.q_proj:0, L1H4",
    "h.1.attn.k_proj:0, L1H2",
    "h.1.attn.o_proj:0, L1H0"
  })
  void refusesAContributionToAHeadOfAnotherModule(String component, String head) {
    List<Contribution> wrong =
        List.of(Contribution.of(Component.parse(component)).to(Head.parse(head)));
    assertThatThrownBy(() -> ablation.less(wrong, Intervention.BASELINE))
        .hasMessageStartingWith(head + " is no part of what " + component.split(":")[0]);
  }

  @Test
  void refusesToTakeAwayWhatIsNotThere() {
    Contribution first = Contribution.of(Component.parse("h.1.attn.q_proj:0")).at(0);
    assertThatCode(() -> ablation.less(List.of(first), Intervention.BASELINE))
        .doesNotThrowAnyException();
    for (int position : new int[] {-1, 8}) {
      assertThatThrownBy(() -> ablation.less(List.of(first.at(position)), Intervention.BASELINE))
          .hasMessage("there is no position %d in a sequence of 8 tokens", position);
    }
    Contribution unknown = Contribution.of(Component.parse("h.7.attn.q_proj:0"));
    assertThatThrownBy(() -> ablation.less(List.of(unknown), Intervention.BASELINE))
        .hasMessageStartingWith("there is no component h.7.attn.q_proj:0");
    assertThatThrownBy(() -> ablation.less(List.of(first), Intervention.parse("zero(L0H9)")))
        .hasMessage("there is no head L0H9: the model's are L0H0 to L1H3");
  }

  @Test
  void leavesPatternsAndOtherHeadsAloneWhenAHeadReadsNoValues() {
    Outcome none = ablation.heads(Intervention.parse("values(L0H1)"));
    Outcome silent = ablation.heads(Intervention.parse("zero(L0H1)"));

    same(none.ablated().patterns().get(0), none.baseline().patterns().get(0));
    close(none.ablated().logits(), silent.ablated().logits());
    assertThatThrownBy(() -> ablation.heads(Intervention.parse("values(L0H1@8)")))
        .hasMessage("values(L0H1@8) names a position that a sequence of 8 tokens has not");
  }

  @Test
  void saysHowMuchIsLeftOfWhatAttentionWrites() {
    OutputSimilarity left = ablation.heads(Intervention.parse("zero(L0H1@5)")).similarity();
    for (int position = 0; position < 8; position++) {
      assertThat(left.cosines().get(0).get(position)).isLessThan(1 + 1e-6);
      if (position == 5) {
        assertThat(left.cosines().get(0).get(position)).isLessThan(0.999);
      } else {
        assertThat(left.innerProducts().get(0).get(position)).isCloseTo(1, within(1e-6));
        assertThat(left.cosines().get(0).get(position)).isCloseTo(1, within(1e-6));
      }
    }
  }

  @Test
  void ablatesImportancesAtPositionsOnly() {
    Map<String, NDArray> importances = model.importances(ids, manager);
    NDArray expected = importances.get("h.0.attn.q_proj").duplicate();
    expected.set(new NDIndex(":, 5, 3"), 0);

    same(ablation.without(importances, ABLATED, 5).get("h.0.attn.q_proj"), expected);
  }

  @Test
  void keepsTheWorstOfSeveralAscentsAndSaysWhatItSpent() {
    AscentBudget budget = new AscentBudget(1, 0.01f, 3, Start.RANDOM);

    Adversarial several = ablation.adversarial(ABLATED, budget, 7);

    SeededArrays random = new SeededArrays(7);
    Map<String, NDArray> importances = model.importances(ids, manager);
    double worst = 0;
    for (int ascent = 0; ascent < 4; ascent++) {
      Map<String, NDArray> start = Sampling.CONTINUOUS.sources(importances, random, manager);
      worst =
          Math.max(
              worst,
              AdversarialMasks.ascend(model, ids, importances, start, 1, 0.01f, manager).loss());
    }
    assertThat(several.baseline().loss()).isEqualTo(worst).isPositive();
    assertThat(several.budget())
        .isEqualTo(budget)
        .hasToString("1 steps of 0.01, 3 restarts, from random sources");
  }

  @Test
  void beginsWhereItIsTold() {
    Map<String, NDArray> importances = model.importances(ids, manager);
    for (Start start : List.of(Start.ONES, Start.ZEROS)) {
      Adversarial found = ablation.adversarial(ABLATED, new AscentBudget(0, 0.01f, 0, start), 7);
      Map<String, ModuleMask> masks =
          start == Start.ONES
              ? model.ones(manager)
              : Sampling.masks(importances, found.baseline().sources());
      same(found.adversarial().baseline().logits(), ablation.masked(masks).logits());
      float filled = start == Start.ONES ? 1 : 0;
      found.baseline().sources().values().stream()
          .flatMap(source -> Stream.of(source.min().getFloat(), source.max().getFloat()))
          .forEach(end -> assertThat(end).isEqualTo(filled));
    }
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
