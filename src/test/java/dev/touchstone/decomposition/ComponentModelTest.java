package dev.touchstone.decomposition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.Seeds;
import dev.touchstone.decomposition.ImportanceNetwork.Kind;
import dev.touchstone.decomposition.ImportanceNetwork.Layer;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.CheckpointException;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.LlamaSimpleMlp;
import dev.touchstone.model.LlamaSimpleMlpConfig;
import dev.touchstone.suite.experiment.spd.Difference;
import dev.touchstone.suite.training.SafetensorsWriter;
import dev.touchstone.suite.training.SafetensorsWriter.Precision;
import dev.touchstone.tensor.SeededArrays;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ComponentModelTest {
  private static final long SEED = Seeds.seed("ComponentModelTest");

  private static final LlamaSimpleMlpConfig CONFIG =
      new LlamaSimpleMlpConfig(1, 2, 1, 8, 12, 6, 20, 10_000, 1e-6f);
  private static final int COUNT = 9;

  private final NDManager manager = NDManager.newBaseManager();
  private final SeededArrays draw = new SeededArrays(SEED);
  private ComponentModel model;

  @TempDir Path folder;

  @BeforeEach
  void draw() {
    Map<String, NDArray> weights = new LinkedHashMap<>();
    CONFIG.shapes().forEach((name, shape) -> weights.put(name, draw.normal(manager, shape, 0.5)));
    Map<String, LinearComponents> components = new LinkedHashMap<>();
    Map<String, ImportanceNetwork> networks = new LinkedHashMap<>();
    for (String module : CONFIG.modules()) {
      Shape weight = weights.get(module + ".weight").getShape();
      components.put(
          module,
          new LinearComponents(
              draw.normal(manager, new Shape(weight.get(1), COUNT), 0.5),
              draw.normal(manager, new Shape(COUNT, weight.get(0)), 0.5)));
      networks.put(
          module,
          ImportanceNetwork.of(
              List.of(
                  new Layer(
                      draw.normal(manager, new Shape(weight.get(1), 4), 1),
                      draw.normal(manager, new Shape(4), 1)),
                  new Layer(
                      draw.normal(manager, new Shape(4, COUNT), 1),
                      draw.normal(manager, new Shape(COUNT), 1)))));
    }
    model = new ComponentModel(LlamaSimpleMlp.of(CONFIG, weights, manager), components, networks);
  }

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void readsWhatItGives() throws IOException {
    Path file = folder.resolve("decomposition.safetensors");
    SafetensorsWriter.write(file, model.tensors(), Precision.F32);

    ComponentModel read = ComponentModel.load(Checkpoint.open(file), model.target(), manager);

    assertThat(model.tensors()).containsKey("_components.h-0-attn-q_proj.V");
    assertThat(model.tensors()).containsKey("_ci_fns.h-0-mlp-down_proj.layers.2.b");
    assertThat(read.tensors().keySet()).containsExactlyElementsOf(model.tensors().keySet());
    model
        .tensors()
        .forEach(
            (name, tensor) ->
                assertThat(Difference.largest(read.tensors().get(name), tensor)).isZero());
  }

  @Test
  void refusesAnotherModelsComponents() throws IOException {
    Path file = folder.resolve("decomposition.safetensors");
    Map<String, NDArray> tensors = model.tensors();
    tensors.put("_components.h-0-attn-k_proj.U", manager.zeros(new Shape(COUNT, 8)));
    SafetensorsWriter.write(file, tensors, Precision.F32);

    assertThatThrownBy(() -> ComponentModel.load(Checkpoint.open(file), model.target(), manager))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("_components.h-0-attn-k_proj.U");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "_components.h-0-attn-k_proj.V",
        "_ci_fns.h-0-mlp-down_proj.layers.0.W",
        "_ci_fns.h-0-mlp-down_proj.layers.0.b",
        "_ci_fns.h-0-mlp-down_proj.layers.2.W"
      })
  void refusesATensorThatFitsNothing(String name) throws IOException {
    Path file = folder.resolve("decomposition.safetensors");
    for (Shape shape : List.of(new Shape(), new Shape(3), new Shape(2, 0), new Shape(5, 1, 1, 1))) {
      Map<String, NDArray> tensors = model.tensors();
      tensors.put(name, manager.ones(shape));
      SafetensorsWriter.write(file, tensors, Precision.F32);

      assertThatThrownBy(() -> ComponentModel.load(Checkpoint.open(file), model.target(), manager))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("tensor '" + name + "'");
    }
  }

  @Test
  void passesOverWhatIsNoLayerOfANetwork() throws IOException {
    Path file = folder.resolve("decomposition.safetensors");
    Map<String, NDArray> tensors = model.tensors();
    for (String number : List.of("x", "99999999999", "-1", "00")) {
      tensors.put("_ci_fns.h-0-mlp-down_proj.layers." + number + ".W", manager.ones(new Shape(1)));
    }
    SafetensorsWriter.write(file, tensors, Precision.F32);

    assertThat(ComponentModel.load(Checkpoint.open(file), model.target(), manager).networks())
        .hasSameSizeAs(model.networks());
  }

  /** [C, 1, 4] and [C, 4, 1] of each component's own activation, [C, 8, 1] of the input. */
  @Test
  void readsNetworksOfEveryKind() throws IOException {
    Path file = folder.resolve("decomposition.safetensors");
    Map<String, NDArray> tensors = model.tensors();
    String own = "_ci_fns.h-0-attn-q_proj.layers.";
    tensors.put(own + "0.W", draw.normal(manager, new Shape(COUNT, 1, 4), 1));
    tensors.put(own + "0.b", draw.normal(manager, new Shape(COUNT, 4), 1));
    tensors.put(own + "2.W", draw.normal(manager, new Shape(COUNT, 4, 1), 1));
    tensors.put(own + "2.b", draw.normal(manager, new Shape(COUNT, 1), 1));
    String vector = "_ci_fns.h-0-attn-k_proj.layers.";
    tensors.put(vector + "0.W", draw.normal(manager, new Shape(COUNT, 8, 1), 1));
    tensors.put(vector + "0.b", draw.normal(manager, new Shape(COUNT, 1), 1));
    tensors.remove(vector + "2.W");
    tensors.remove(vector + "2.b");
    SafetensorsWriter.write(file, tensors, Precision.F32);

    ComponentModel read = ComponentModel.load(Checkpoint.open(file), model.target(), manager);

    assertThat(read.networks().get("h.0.attn.q_proj").kind()).isEqualTo(Kind.PER_COMPONENT);
    assertThat(read.networks().get("h.0.attn.q_proj").layers()).hasSize(2);
    assertThat(read.networks().get("h.0.attn.k_proj").kind()).isEqualTo(Kind.VECTOR);
    assertThat(read.networks().get("h.0.attn.v_proj").kind()).isEqualTo(Kind.SHARED);
  }

  @Test
  void ordersLayersByTheirNumbers() throws IOException {
    Path file = folder.resolve("decomposition.safetensors");
    Map<String, NDArray> tensors = model.tensors();
    String network = "_ci_fns.h-0-attn-q_proj.layers.";
    // Neither the file's order nor the alphabet's is theirs.
    tensors.keySet().removeIf(name -> name.startsWith(network + "2."));
    tensors.put(network + "10.W", manager.ones(new Shape(5, COUNT)));
    tensors.put(network + "10.b", manager.ones(new Shape(COUNT)));
    tensors.put(network + "2.W", manager.ones(new Shape(4, 5)));
    tensors.put(network + "2.b", manager.ones(new Shape(5)));
    SafetensorsWriter.write(file, tensors, Precision.F32);

    ComponentModel read = ComponentModel.load(Checkpoint.open(file), model.target(), manager);

    assertThat(read.networks().get("h.0.attn.q_proj").layers())
        .extracting(layer -> layer.weight().getShape())
        .containsExactly(new Shape(8, 4), new Shape(4, 5), new Shape(5, COUNT));
  }

  @Test
  void refusesWidthsThatAreNotTheModelsNorTheComponents() throws IOException {
    Path file = folder.resolve("decomposition.safetensors");
    String network = "_ci_fns.h-0-attn-q_proj.layers.2.";
    for (Map<String, NDArray> other :
        List.of(
            Map.of("_components.h-0-attn-k_proj.V", manager.ones(new Shape(5, COUNT))),
            Map.of(
                network + "W", manager.ones(new Shape(4, 7)),
                network + "b", manager.ones(new Shape(7))))) {
      Map<String, NDArray> tensors = model.tensors();
      tensors.putAll(other);
      SafetensorsWriter.write(file, tensors, Precision.F32);

      assertThatThrownBy(() -> ComponentModel.load(Checkpoint.open(file), model.target(), manager))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining(other.size() == 1 ? "k_proj.V'" : network + "W'");
    }
  }

  @Test
  void leavesModulesWithoutComponentsOrNetworksOut() throws IOException {
    Path file = folder.resolve("decomposition.safetensors");
    Map<String, NDArray> tensors = model.tensors();
    tensors.keySet().removeIf(name -> !name.startsWith("_components.h-0-attn-q_proj."));
    SafetensorsWriter.write(file, tensors, Precision.F32);

    ComponentModel read = ComponentModel.load(Checkpoint.open(file), model.target(), manager);

    assertThat(read.components()).containsOnlyKeys("h.0.attn.q_proj");
    assertThat(read.networks()).isEmpty();
    NDArray ids = draw.integers(manager, new Shape(2, 6), 20);
    assertThat(read.inputs(ids, manager)).containsOnlyKeys("h.0.attn.q_proj");
    assertThat(read.inputs(ids, manager).get("h.0.attn.q_proj").getShape())
        .isEqualTo(new Shape(2, 6, 8));
  }

  @Test
  void refusesWhatDecomposesNothing() throws IOException {
    Path file = folder.resolve("decomposition.safetensors");
    SafetensorsWriter.write(file, Map.of("x", manager.ones(new Shape(1))), Precision.F32);

    assertThatThrownBy(() -> ComponentModel.load(Checkpoint.open(file), model.target(), manager))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("so it decomposes nothing");
  }

  /** Without masks, and with all components and the whole delta, it is the target. */
  @Test
  void isTheTargetWithAllOfIt() {
    NDArray ids = draw.integers(manager, new Shape(2, 6), 20);
    NDArray target = model.target().logits(ids, Hooks.NONE);
    Map<String, ModuleMask> whole = new LinkedHashMap<>();
    model
        .ones(manager)
        .forEach(
            (module, mask) -> {
              assertThat(mask.components().getShape()).isEqualTo(new Shape(1, 1, COUNT));
              whole.put(module, mask.withDelta(manager.ones(new Shape(2))));
            });

    assertThat(whole.keySet()).isEqualTo(model.components().keySet());
    assertThat(Difference.largest(model.logits(ids, Map.of(), Hooks.NONE), target)).isZero();
    assertThat(Difference.largest(model.logits(ids, whole, Hooks.NONE), target))
        .isCloseTo(0, within(1e-4));
    assertThat(Difference.largest(model.logits(ids, model.ones(manager), Hooks.NONE), target))
        .isGreaterThan(0.1);
  }

  @Test
  void hasTheRestOfTheWeightsAsDelta() {
    String module = "h.0.mlp.down_proj";
    LinearComponents parts = model.components().get(module);

    NDArray whole = model.weightDelta(module).add(parts.v().matMul(parts.u()).transpose());

    assertThat(Difference.largest(whole, model.target().weights().get(module + ".weight")))
        .isCloseTo(0, within(1e-5));
  }

  /** The sign of a gradient moves every source, by a step or to the bound. */
  @Test
  void everyStepMovesEverySource() {
    NDArray ids = draw.integers(manager, new Shape(1, 4), 20);
    Map<String, NDArray> importances = new LinkedHashMap<>();
    Map<String, NDArray> start = new LinkedHashMap<>();
    for (String module : model.components().keySet()) {
      importances.put(module, manager.zeros(new Shape(1, 4, COUNT)));
      start.put(module, manager.ones(new Shape(1, 4, COUNT)).muli(0.5f));
    }

    AdversarialMasks found =
        AdversarialMasks.ascend(model, ids, importances, start, 1, 0.25f, manager);

    for (NDArray source : found.sources().values()) {
      for (float moved : source.sub(0.5f).abs().toFloatArray()) {
        assertThat(moved).isIn(0.25f, 0f);
      }
    }
    assertThat(
            Difference.largest(
                found.sources().get("h.0.attn.v_proj"), start.get("h.0.attn.v_proj")))
        .isEqualTo(0.25);
    assertThat(start.get("h.0.attn.v_proj").toFloatArray()).containsOnly(0.5f);
  }

  @Test
  void saysWhichComponentsThereAre() {
    model.check(Component.parse("h.0.attn.q_proj:8"));
    assertThatThrownBy(() -> model.check(Component.parse("h.0.attn.q_proj:9")))
        .hasMessageContaining("0 to 8");
    assertThatThrownBy(() -> model.check(Component.parse("h.1.attn.q_proj:0")))
        .hasMessageContaining("h.0.attn.q_proj, ");
  }

  @Test
  void ascendsToALargerLossWithinBounds() {
    NDArray ids = draw.integers(manager, new Shape(2, 6), 20);
    Map<String, NDArray> importances = model.importances(ids, manager);
    Map<String, NDArray> start = Sampling.CONTINUOUS.sources(importances, draw, manager);

    AdversarialMasks found =
        AdversarialMasks.ascend(model, ids, importances, start, 5, 0.01f, manager);

    assertThat(found.losses()).hasSize(6).isSorted().doesNotHaveDuplicates();
    assertThat(found.losses().get(0)).isCloseTo(loss(ids, importances, start), within(1e-6));
    assertThat(found.losses().get(5))
        .isCloseTo(loss(ids, importances, found.sources()), within(1e-6));
    found
        .sources()
        .forEach(
            (module, source) -> {
              assertThat(source.min().getFloat()).isNotNegative();
              assertThat(source.max().getFloat()).isLessThanOrEqualTo(1);
              assertThat(Difference.largest(source, start.get(module))).isLessThan(0.0501);
            });
  }

  /** KL(target || masked), averaged over positions, from the logits in float64. */
  private double loss(NDArray ids, Map<String, NDArray> importances, Map<String, NDArray> sources) {
    float[] target = model.target().logits(ids, Hooks.NONE).toFloatArray();
    float[] masked =
        model.logits(ids, Sampling.masks(importances, sources), Hooks.NONE).toFloatArray();
    int vocabulary = 20;
    double sum = 0;
    for (int row = 0; row < target.length; row += vocabulary) {
      double[] p = Arrays.copyOfRange(doubles(target), row, row + vocabulary);
      double[] q = Arrays.copyOfRange(doubles(masked), row, row + vocabulary);
      double difference = logOfSum(q) - logOfSum(p);
      for (int i = 0; i < vocabulary; i++) {
        sum += Math.exp(p[i] - logOfSum(p)) * (p[i] - q[i] + difference);
      }
    }
    return sum * vocabulary / target.length;
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    Arrays.setAll(doubles, i -> values[i]);
    return doubles;
  }

  private static double logOfSum(double[] logits) {
    return Math.log(Arrays.stream(logits).map(Math::exp).sum());
  }

  /** 1.05 x - 0.05 u, clamped, with u as Java's own generator draws it, module by module. */
  @Test
  void makesImportancesNoisyForBinomialSampling() {
    NDArray ids = draw.integers(manager, new Shape(2, 6), 20);
    Map<String, float[]> before = new LinkedHashMap<>();
    model.importances(
        ids,
        raw -> {
          before.put("" + before.size(), raw.toFloatArray());
          return raw;
        },
        manager);
    SeededArrays noise = new SeededArrays(SEED + 1);

    Map<String, NDArray> noisy =
        model.importances(ids, raw -> Sampling.BINOMIAL.noisy(raw, noise), manager);

    Random random = new Random(SEED + 1);
    int module = 0;
    for (NDArray importance : noisy.values()) {
      float[] x = before.get("" + module++);
      float[] seen = importance.toFloatArray();
      for (int i = 0; i < x.length; i++) {
        double expected = 1.05 * x[i] - 0.05 * random.nextFloat();
        assertThat((double) seen[i]).isCloseTo(Math.min(1, Math.max(0, expected)), within(1e-5));
      }
    }
    assertThat(module).isEqualTo(before.size());
  }

  @Test
  void drawsBinomialSourcesOfBothKinds() {
    Map<String, NDArray> importances = Map.of("m", manager.zeros(new Shape(1, 100, 100)));
    NDArray source = Sampling.BINOMIAL.sources(importances, draw, manager).get("m");
    // Four standard deviations of a mean of 10000: less than one seed in 15000 fails.
    assertThat(source.mean().getFloat()).isBetween(0.48f, 0.52f);
    assertThat(source.mul(source.sub(1f)).abs().max().getFloat()).isZero();
  }
}
