package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import dev.touchstone.decomposition.AdversarialMasks;
import dev.touchstone.decomposition.Component;
import dev.touchstone.decomposition.ComponentModel;
import dev.touchstone.decomposition.ImportanceNetwork;
import dev.touchstone.decomposition.ImportanceNetwork.Layer;
import dev.touchstone.decomposition.LinearComponents;
import dev.touchstone.decomposition.ModuleMask;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.measurement.AttentionAblation;
import dev.touchstone.measurement.Capture;
import dev.touchstone.measurement.PredictionChange;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.LlamaSimpleMlp;
import dev.touchstone.model.Site;
import dev.touchstone.suite.experiment.spd.Difference;
import dev.touchstone.suite.experiment.spd.Oracle;
import dev.touchstone.tensor.Compute;
import dev.touchstone.tensor.Scope;
import io.qameta.allure.Allure;
import io.qameta.allure.Epic;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** llama-nano and its decomposition against what PyTorch makes of them (golden/oracle). */
@Tag("spd")
@Epic("Agreement with PyTorch")
class LlamaNanoAgreementIT {
  private static final double CLOSE = 1e-4;
  private static final Path GOLDEN = Path.of("golden");
  private static final Path SUBJECT = GOLDEN.resolve("subjects/llama-nano");
  private static final NDManager MANAGER = Compute.fromProperties().newManager();
  private static final Checkpoint WEIGHTS = Checkpoint.open(SUBJECT.resolve("model.safetensors"));
  private static final Checkpoint DECOMPOSITION =
      Checkpoint.open(SUBJECT.resolve("decomposition.safetensors"));
  private static final LlamaSimpleMlp TARGET = LlamaSimpleMlp.load(WEIGHTS, MANAGER);
  private static final ComponentModel MODEL = ComponentModel.load(DECOMPOSITION, TARGET, MANAGER);
  private static final List<String> MODULES = TARGET.config().modules();
  private static final Oracle ORACLE = Oracle.open(GOLDEN);
  private static final NDArray IDS = ORACLE.ids(MANAGER);

  @AfterAll
  static void close() {
    MANAGER.close();
  }

  @Test
  void ranOverTheSameWeights() {
    assertThat(ORACLE.record().path("model sha256").asText()).isEqualTo(WEIGHTS.sha256());
    assertThat(ORACLE.record().path("decomposition sha256").asText())
        .isEqualTo(DECOMPOSITION.sha256());
  }

  @ParameterizedTest
  @ValueSource(strings = {"logits", "logits.fused", "lens.logits"})
  void agreesOnLogits(String recorded) {
    agrees(recorded, TARGET.logits(IDS, Hooks.NONE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"logits.silenced", "lens.silenced"})
  void agreesOnASilencedHead(String recorded) {
    agrees(recorded, TARGET.logits(IDS, head().hooks(Materials.NONE)));
  }

  @Test
  void agreesOnPatterns() {
    patterns("", Map.of());
    patterns(".masked", masks());
  }

  private static void patterns(String suffix, Map<String, ModuleMask> masks) {
    Capture capture = new Capture(MANAGER, Site.PATTERN);
    Scope.compute(() -> MODEL.logits(IDS, masks, capture.hooks()));
    for (int layer = 0; layer < TARGET.config().layers(); layer++) {
      close(
          "pattern." + layer + suffix,
          capture.at(Site.PATTERN, layer),
          ORACLE.tensor(MANAGER, "pattern." + layer + suffix));
    }
  }

  @Test
  void agreesOnMaskedOutputs() {
    agrees("logits.ones", MODEL.logits(IDS, MODEL.ones(MANAGER), Hooks.NONE));
    agrees("logits.masked", MODEL.logits(IDS, masks(), Hooks.NONE));
  }

  @Test
  void agreesOnWeightDeltas() {
    Map<String, ModuleMask> masks = masks();
    for (int i = 0; i < MODULES.size(); i++) {
      NDArray share = numbers(new int[] {5, 3}, i, 7, 2, IDS.getShape().get(1));
      masks.computeIfPresent(MODULES.get(i), (module, mask) -> mask.withDelta(share));
    }
    agrees("logits.masked-deltas", MODEL.logits(IDS, masks, Hooks.NONE));
  }

  @Test
  void agreesOnRouting() {
    Map<String, ModuleMask> masks = masks();
    for (int i = 0; i < MODULES.size(); i++) {
      NDArray where = numbers(new int[] {1, 1}, i, 3, 2, IDS.getShape().get(1)).gt(0f);
      masks.computeIfPresent(MODULES.get(i), (module, mask) -> mask.routed(where));
    }
    agrees("logits.masked-routed", MODEL.logits(IDS, masks, Hooks.NONE));
  }

  @Test
  void agreesOnCausalImportances() {
    MODEL
        .importances(IDS, MANAGER)
        .forEach(
            (module, importance) ->
                close(
                    "importance." + module,
                    importance.get(":, ::8"),
                    ORACLE.tensor(MANAGER, "importance." + module)));
  }

  @ParameterizedTest
  @CsvSource({"shared, SHARED", "vector, VECTOR", "per-component, PER_COMPONENT"})
  void agreesOnEveryKindOfNetwork(String name, ImportanceNetwork.Kind kind) {
    String prefix = "network." + name + ".";
    ImportanceNetwork network =
        ImportanceNetwork.of(
            Stream.of("0", "1")
                .map(
                    layer ->
                        new Layer(
                            ORACLE.tensor(MANAGER, prefix + "W" + layer),
                            ORACLE.tensor(MANAGER, prefix + "b" + layer)))
                .toList());
    NDArray v = ORACLE.tensor(MANAGER, "network.V");

    NDArray output =
        network.apply(
            ORACLE.tensor(MANAGER, "network.input"),
            new LinearComponents(v, MANAGER.ones(new Shape(v.getShape().get(1), 1))));

    assertThat(network.kind()).isEqualTo(kind);
    close(prefix + "output", output, ORACLE.tensor(MANAGER, prefix + "output"));
  }

  @Test
  void agreesOnThreeStepsOfAscent() {
    JsonNode recorded = ORACLE.record().path("pgd");
    Map<String, NDArray> importances = MODEL.importances(IDS, MANAGER);
    Map<String, NDArray> start = new LinkedHashMap<>();
    for (int i = 0; i < MODULES.size(); i++) {
      long[] shape = importances.get(MODULES.get(i)).getShape().getShape();
      start.put(MODULES.get(i), numbers(new int[] {5, 11, 3}, 7 * i, 19, shape));
    }

    AdversarialMasks found =
        AdversarialMasks.ascend(
            MODEL,
            IDS,
            importances,
            start,
            recorded.path("steps").asInt(),
            (float) recorded.path("step size").asDouble(),
            MANAGER);

    double worst = 0;
    for (int step = 0; step < found.losses().size(); step++) {
      worst =
          Math.max(
              worst,
              Math.abs(found.losses().get(step) - recorded.path("losses").get(step).asDouble()));
    }
    show("losses of the ascent", worst);
    assertThat(found.losses()).hasSize(recorded.path("losses").size());
    assertThat(worst).isLessThan(CLOSE);
    // Where the gradient is too small for float32 to know its sign, a source may go either way.
    assertThat(recorded.path("decided share").asDouble()).isGreaterThan(0.85);
    for (String module : MODULES) {
      NDArray decided = ORACLE.tensor(MANAGER, "decided." + module);
      close(
          "source." + module,
          found.sources().get(module).get(":, ::8").mul(decided),
          ORACLE.tensor(MANAGER, "source." + module).mul(decided));
    }
  }

  @Test
  void agreesOnBothMetrics() {
    AttentionAblation ablation = new AttentionAblation(MODEL, IDS, MANAGER);
    metrics("head", ablation.heads(head()).change());
    metrics(
        "components",
        ablation
            .deterministic(Component.parseAll(ORACLE.record().path("ablated components").asText()))
            .change());
    agrees(
        "logits.without-components",
        ablation
            .deterministic(Component.parseAll(ORACLE.record().path("ablated components").asText()))
            .ablated()
            .logits());
  }

  private static void metrics(String of, PredictionChange change) {
    JsonNode recorded = ORACLE.record().path("metrics").path(of);
    assertThat(change.fracTop1Changed()).isEqualTo(recorded.path("frac_top1_changed").asDouble());
    double difference =
        Math.abs(change.meanKlDivergence() - recorded.path("mean_kl_divergence").asDouble());
    show("KL of " + of, difference);
    assertThat(difference).isLessThan(CLOSE);
  }

  private static Intervention head() {
    return Intervention.parse("zero(" + ORACLE.record().path("silenced head").asText() + ")");
  }

  private static Map<String, ModuleMask> masks() {
    Map<String, ModuleMask> masks = new LinkedHashMap<>();
    for (int i = 0; i < MODULES.size(); i++) {
      long count = MODEL.components().get(MODULES.get(i)).count();
      long[] shape = {2, IDS.getShape().get(1), count};
      masks.put(MODULES.get(i), ModuleMask.of(numbers(new int[] {7, 3, 5}, 11 * i, 17, shape)));
    }
    return masks;
  }

  /**
   * (sum of factor * index + offset) mod period, over period - 1, as the oracle's script has it.
   */
  private static NDArray numbers(int[] factors, int offset, int period, long... shape) {
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
    return MANAGER.create(values, new Shape(shape)).duplicate();
  }

  private static void agrees(String recorded, NDArray logits) {
    close(recorded, ORACLE.everyFourth(logits), ORACLE.tensor(MANAGER, recorded));
  }

  private static void close(String what, NDArray seen, NDArray recorded) {
    double difference = Difference.largest(seen, recorded);
    show(what, difference);
    assertThat(seen.getShape()).isEqualTo(recorded.getShape());
    assertThat(difference).as(what).isLessThan(CLOSE);
  }

  private static void show(String what, double difference) {
    String line = String.format(Locale.ROOT, "%s: largest difference %.2e", what, difference);
    Allure.step(line);
    System.out.println(line);
  }
}
