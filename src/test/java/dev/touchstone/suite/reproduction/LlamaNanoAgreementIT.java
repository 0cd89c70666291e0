package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import dev.touchstone.decomposition.AdversarialMasks;
import dev.touchstone.decomposition.Component;
import dev.touchstone.decomposition.ComponentModel;
import dev.touchstone.decomposition.Contribution;
import dev.touchstone.decomposition.ImportanceNetwork;
import dev.touchstone.decomposition.ImportanceNetwork.Layer;
import dev.touchstone.decomposition.LinearComponents;
import dev.touchstone.decomposition.ModuleMask;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.measurement.AttentionAblation;
import dev.touchstone.measurement.AttentionAblation.Outcome;
import dev.touchstone.measurement.AttentionAblation.Pass;
import dev.touchstone.measurement.Capture;
import dev.touchstone.measurement.OutputSimilarity;
import dev.touchstone.measurement.PredictionChange;
import dev.touchstone.model.Head;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Site;
import dev.touchstone.suite.experiment.spd.Oracle;
import dev.touchstone.tensor.Scope;
import io.qameta.allure.Epic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** llama-nano and its decomposition against what PyTorch makes of them (golden/oracle). */
@Tag("spd")
@Epic("Agreement with PyTorch")
@AgreesWith("llama-nano/llama-nano.json")
class LlamaNanoAgreementIT {
  private static final double CLOSE = 1e-4;

  private final DecomposedLlama llama;
  private final NDManager manager;
  private final ComponentModel model;
  private final List<String> modules;
  private final Oracle oracle = Oracle.open(Path.of("golden"));
  private final NDArray ids;

  LlamaNanoAgreementIT(DecomposedLlama llama) {
    this.llama = llama;
    manager = llama.manager();
    model = llama.model();
    modules = llama.target().config().modules();
    ids = oracle.ids(manager);
  }

  @Test
  void ranOverTheSameWeights() {
    assertThat(oracle.record().path("model sha256").asText()).isEqualTo(llama.weights().sha256());
    assertThat(oracle.record().path("decomposition sha256").asText())
        .isEqualTo(llama.decomposition().sha256());
  }

  @Test
  void agreesOnLogits(Agreement agreement) {
    NDArray logits = llama.target().logits(ids, Hooks.NONE);
    for (String recorded : List.of("logits", "logits.fused", "lens.logits")) {
      logits(agreement, recorded, logits);
    }
  }

  @Test
  void agreesOnASilencedHead(Agreement agreement) {
    NDArray silenced = llama.target().logits(ids, head().hooks(Materials.NONE));
    for (String recorded : List.of("logits.silenced", "lens.silenced")) {
      logits(agreement, recorded, silenced);
    }
  }

  @Test
  void agreesOnPatterns(Agreement agreement) {
    patterns(agreement, "", Map.of());
    patterns(agreement, ".masked", masks());
  }

  private void patterns(Agreement agreement, String suffix, Map<String, ModuleMask> masks) {
    Capture capture = new Capture(manager, Site.PATTERN);
    Scope.compute(() -> model.logits(ids, masks, capture.hooks()));
    for (int layer = 0; layer < llama.target().config().layers(); layer++) {
      close(agreement, "pattern." + layer + suffix, capture.at(Site.PATTERN, layer));
    }
  }

  @Test
  void agreesOnMaskedOutputs(Agreement agreement) {
    logits(agreement, "logits.ones", model.logits(ids, model.ones(manager), Hooks.NONE));
    logits(agreement, "logits.masked", model.logits(ids, masks(), Hooks.NONE));
  }

  @Test
  void agreesOnWeightDeltas(Agreement agreement) {
    Map<String, ModuleMask> masks = masks();
    for (int i = 0; i < modules.size(); i++) {
      NDArray share = numbers(new int[] {5, 3}, i, 7, 2, ids.getShape().get(1));
      masks.computeIfPresent(modules.get(i), (module, mask) -> mask.withDelta(share));
    }
    logits(agreement, "logits.masked-deltas", model.logits(ids, masks, Hooks.NONE));
  }

  @Test
  void agreesOnRouting(Agreement agreement) {
    Map<String, ModuleMask> masks = masks();
    for (int i = 0; i < modules.size(); i++) {
      NDArray where = numbers(new int[] {1, 1}, i, 3, 2, ids.getShape().get(1)).gt(0f);
      masks.computeIfPresent(modules.get(i), (module, mask) -> mask.routed(where));
    }
    logits(agreement, "logits.masked-routed", model.logits(ids, masks, Hooks.NONE));
  }

  @Test
  void agreesOnCausalImportances(Agreement agreement) {
    model
        .importances(ids, manager)
        .forEach(
            (module, importance) ->
                close(agreement, "importance." + module, importance.get(":, ::8")));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"shared, SHARED", "vector, VECTOR", "per-component, PER_COMPONENT"})
  void agreesOnEveryKindOfNetwork(String name, ImportanceNetwork.Kind kind, Agreement agreement) {
    String prefix = "network." + name + ".";
    ImportanceNetwork network =
        ImportanceNetwork.of(
            Stream.of("0", "1")
                .map(
                    layer ->
                        new Layer(
                            oracle.tensor(manager, prefix + "W" + layer),
                            oracle.tensor(manager, prefix + "b" + layer)))
                .toList());
    NDArray v = oracle.tensor(manager, "network.V");

    NDArray output =
        network.apply(
            oracle.tensor(manager, "network.input"),
            new LinearComponents(v, manager.ones(new Shape(v.getShape().get(1), 1))));

    assertThat(network.kind()).isEqualTo(kind);
    close(agreement, prefix + "output", output);
  }

  @Test
  void agreesOnThreeStepsOfAscent(Agreement agreement) {
    JsonNode recorded = oracle.record().path("pgd");
    Map<String, NDArray> importances = model.importances(ids, manager);
    Map<String, NDArray> start = new LinkedHashMap<>();
    for (int i = 0; i < modules.size(); i++) {
      long[] shape = importances.get(modules.get(i)).getShape().getShape();
      start.put(modules.get(i), numbers(new int[] {5, 11, 3}, 7 * i, 19, shape));
    }

    AdversarialMasks found =
        AdversarialMasks.ascend(
            model,
            ids,
            importances,
            start,
            recorded.path("steps").asInt(),
            (float) recorded.path("step size").asDouble(),
            manager);

    assertThat(found.losses()).hasSize(recorded.path("losses").size());
    var losses = agreement.absolute("losses of the ascent", CLOSE);
    for (int step = 0; step < found.losses().size(); step++) {
      losses.compare(
          "step " + step, found.losses().get(step), recorded.path("losses").get(step).asDouble());
    }
    // Where the gradient is too small for float32 to know its sign, a source may go either way.
    assertThat(recorded.path("decided share").asDouble()).isGreaterThan(0.85);
    for (String module : modules) {
      NDArray decided = oracle.tensor(manager, "decided." + module);
      close(
          agreement,
          "source." + module,
          found.sources().get(module).get(":, ::8").mul(decided),
          oracle.tensor(manager, "source." + module).mul(decided));
    }
  }

  @Test
  void agreesOnBothMetrics(Agreement agreement) {
    AttentionAblation ablation = new AttentionAblation(model, ids, manager);
    Outcome components =
        ablation.deterministic(
            Component.parseAll(oracle.record().path("ablated components").asText()));

    metrics(agreement, "head", ablation.heads(head()).change());
    metrics(agreement, "components", components.change());
    logits(agreement, "logits.without-components", components.ablated().logits());
  }

  /** What the original's script has learnt since the report: at one position, and in one head. */
  @Test
  void agreesOnWhatTheOriginalHasLearntSince(Agreement agreement) {
    JsonNode record = oracle.record();
    int query = record.path("query at").asInt();
    int key = record.path("key at").asInt();
    String head = record.path("silenced head").asText();
    String everyHead = "values(L0H0,L0H1,L0H2,L0H3@%d)".formatted(key);
    String silent = "zero(%s@%d)".formatted(head, query);
    List<Component> ablated = Component.parseAll(record.path("ablated components").asText());
    List<Contribution> restricted = new ArrayList<>();
    for (JsonNode each : record.path("restricted")) {
      String[] words = each.asText().split(" ");
      restricted.add(
          Contribution.of(Component.parse(words[0]))
              .to(Head.parse(words[1]))
              .at(Integer.parseInt(words[2])));
    }
    AttentionAblation ablation = new AttentionAblation(model, ids, manager);
    today(agreement, "head-at", ablation.heads(Intervention.parse(silent)));
    today(agreement, "values-of-all", ablation.heads(Intervention.parse(everyHead)));
    today(
        agreement,
        "values-of-one",
        ablation.heads(Intervention.parse("values(%s@%d)".formatted(head, key))));
    today(
        agreement, "head-and-values", ablation.heads(Intervention.parse(silent + "+" + everyHead)));
    today(agreement, "components-at", ablation.deterministic(ablated, query));
    today(agreement, "restricted", ablation.less(restricted, Intervention.BASELINE));
    today(
        agreement,
        "restricted-and-values",
        ablation.less(restricted, Intervention.parse("values(L1H2@%d)".formatted(key))));
  }

  /** Logits where the change is and at the end, and what is left of what attention writes. */
  private void today(Agreement agreement, String name, Outcome outcome) {
    int query = oracle.record().path("query at").asInt();
    long last = ids.getShape().get(1) - 1;
    NDArray logits = outcome.ablated().logits();
    close(
        agreement,
        "today." + name + ".logits",
        NDArrays.concat(
            new NDList(
                logits.get(":, %d:%d".formatted(query, query + 1)),
                logits.get(":, %d:".formatted(last))),
            1));
    OutputSimilarity left = outcome.similarity();
    byLayer(agreement, "today." + name + ".inner-product", left.innerProducts());
    byLayer(agreement, "today." + name + ".cosine", left.cosines());
  }

  private void byLayer(Agreement agreement, String recorded, Map<Integer, List<Double>> seen) {
    float[] expected = oracle.tensor(manager, recorded).toFloatArray();
    List<Double> all = seen.values().stream().flatMap(List::stream).toList();
    assertThat(all).hasSize(expected.length);
    var numbers = agreement.absolute(recorded, CLOSE);
    for (int i = 0; i < expected.length; i++) {
      numbers.compare("number " + i, all.get(i), expected[i]);
    }
  }

  @Test
  void agreesOnWhatAttentionWritesAndOnPreviousTokens(Agreement agreement) {
    Pass original = new AttentionAblation(model, ids, manager).original();
    original.outputs().forEach((layer, written) -> close(agreement, "written." + layer, written));
    float[] expected = oracle.tensor(manager, "today.previous-token").toFloatArray();
    assertThat(original.previousToken()).hasSize(expected.length);
    var scores = agreement.absolute("previous-token scores", CLOSE);
    int i = 0;
    for (Map.Entry<Head, Double> score : original.previousToken().entrySet()) {
      scores.compare(score.getKey().toString(), score.getValue(), expected[i++]);
    }
  }

  private void metrics(Agreement agreement, String of, PredictionChange change) {
    JsonNode recorded = oracle.record().path("metrics").path(of);
    agreement
        .exact("share of changed top-1 tokens")
        .compare(
            of, change.fracTop1Changed(), recorded.path("frac_top1_changed").asDouble(Double.NaN));
    agreement
        .absolute("mean KL divergence", CLOSE)
        .compare(
            of,
            change.meanKlDivergence(),
            recorded.path("mean_kl_divergence").asDouble(Double.NaN));
  }

  private Intervention head() {
    return Intervention.parse("zero(" + oracle.record().path("silenced head").asText() + ")");
  }

  private Map<String, ModuleMask> masks() {
    Map<String, ModuleMask> masks = new LinkedHashMap<>();
    for (int i = 0; i < modules.size(); i++) {
      long count = model.components().get(modules.get(i)).count();
      long[] shape = {2, ids.getShape().get(1), count};
      masks.put(modules.get(i), ModuleMask.of(numbers(new int[] {7, 3, 5}, 11 * i, 17, shape)));
    }
    return masks;
  }

  /**
   * (sum of factor * index + offset) mod period, over period - 1, as the oracle's script has it.
   */
  private NDArray numbers(int[] factors, int offset, int period, long... shape) {
    float[] values = new float[Math.toIntExact(new Shape(shape).size())];
    for (int i = 0; i < values.length; i++) {
      int rest = i;
      int total = offset;
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        total += factors[axis] * (int) (rest % shape[axis]);
        rest /= (int) shape[axis];
      }
      values[i] = (float) (total % period / (period - 1.0));
    }
    return manager.create(values, new Shape(shape)).duplicate();
  }

  private void logits(Agreement agreement, String recorded, NDArray logits) {
    close(agreement, recorded, oracle.everyFourth(logits));
  }

  private void close(Agreement agreement, String recorded, NDArray seen) {
    close(agreement, recorded, seen, oracle.tensor(manager, recorded));
  }

  private static void close(Agreement agreement, String what, NDArray seen, NDArray recorded) {
    assertThat(seen.getShape()).isEqualTo(recorded.getShape());
    agreement.absolute(what, CLOSE).compare("number", seen.toFloatArray(), recorded.toFloatArray());
  }
}
