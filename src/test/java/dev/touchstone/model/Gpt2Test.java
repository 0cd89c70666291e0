package dev.touchstone.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Gpt2Test {
  private static final Path ORACLE = Path.of("golden/oracle/weight-processing");

  private final NDManager manager = NDManager.newBaseManager();
  private final Checkpoint checkpoint = Checkpoint.open(ORACLE.resolve("raw.safetensors"));
  private final Oracle oracle = Oracle.read();

  private record Oracle(int[] tokens, float[] unprocessed, float[] processed) {
    static Oracle read() {
      try {
        var json = new ObjectMapper().readTree(ORACLE.resolve("oracle.json").toFile());
        var mapper = new ObjectMapper();
        return new Oracle(
            mapper.convertValue(json.get("tokens"), int[].class),
            flat(mapper.convertValue(json.get("logits_unprocessed"), float[][].class)),
            flat(mapper.convertValue(json.get("logits_processed"), float[][].class)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static float[] flat(float[][] rows) {
      float[] flat = new float[rows.length * rows[0].length];
      for (int i = 0; i < rows.length; i++) {
        System.arraycopy(rows[i], 0, flat, i * rows[0].length, rows[0].length);
      }
      return flat;
    }
  }

  @AfterEach
  void free() {
    manager.close();
  }

  private Gpt2 processed() {
    return Gpt2.load(checkpoint, WeightProcessing.TRANSFORMER_LENS, manager);
  }

  private NDArray ids(int from, int to) {
    return manager
        .create(Arrays.copyOfRange(oracle.tokens(), from, to), new Shape(1, to - from))
        .toType(DataType.INT64, true);
  }

  @Test
  void copiesPartWhereTheyAreChangedAndNotBefore() {
    try (Gpt2 model = processed()) {
      int last = model.config().layers() - 1;
      NDArray shares = manager.create(new float[] {0, 0.5f, 1}, new Shape(3, 1, 1, 1));
      Hooks hooks = (site, layer, z) -> layer == last ? z.mul(shares) : z;
      NDArray ids = ids(0, oracle.tokens().length);

      NDArray copies = model.logits(ids, 3, last, hooks.only(Site.Z));

      assertThat(last).isPositive();
      assertThat(copies.toFloatArray())
          .containsExactly(
              model.logits(ids.repeat(0, 3), hooks.only(Site.Z)).toFloatArray(), within(1e-5f));
    }
  }

  /** The model as in training: its embedding is its unembedding. */
  private Gpt2 tied() {
    Gpt2 stored = Gpt2.load(checkpoint, WeightProcessing.NONE, manager);
    Map<String, NDArray> weights = new LinkedHashMap<>(stored.weights().tensors());
    weights.keySet().removeIf(name -> name.startsWith("unembed."));
    return Gpt2.of(new Weights(stored.config(), weights), manager);
  }

  @Test
  void givesTheSameLogitsWithATiedEmbedding() {
    float[] logits = tied().logits(ids(0, oracle.tokens().length), Hooks.NONE).toFloatArray();

    assertThat(logits).containsExactly(oracle.unprocessed(), within(1e-4f));
  }

  @ParameterizedTest
  @ValueSource(strings = {"wte.weight", "h.0.attn.c_attn.weight", "h.1.mlp.c_fc.weight"})
  void differentiates(String name) {
    Gpt2 model = tied();
    NDArray weight = model.weights().get(name);
    weight.setRequiresGradient(true);
    int token = oracle.tokens()[1];
    NDArray ids = ids(0, 4);
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      collector.backward(model.logits(ids, Hooks.NONE).square().mean());
    }
    float gradient = weight.getGradient().get(token % weight.getShape().get(0)).getFloat(2);
    NDArray shift = manager.zeros(weight.getShape());
    shift.set(new NDIndex(token % weight.getShape().get(0), 2), 1e-2f);
    weight.addi(shift);
    double up = model.logits(ids, Hooks.NONE).square().mean().getFloat();
    weight.subi(shift).subi(shift);
    double down = model.logits(ids, Hooks.NONE).square().mean().getFloat();

    assertThat((up - down) / 2e-2).isCloseTo(gradient, withinPercentage(3));
  }

  @Test
  void givesTransformerLensLogitsOnStoredWeights() {
    Gpt2 model = Gpt2.load(checkpoint, WeightProcessing.NONE, manager);

    assertThat(model.logits(ids(0, 16), Hooks.NONE).toFloatArray())
        .containsExactly(oracle.unprocessed(), within(2e-5f));
  }

  @Test
  void givesTransformerLensLogitsOnProcessedWeights() {
    assertThat(processed().logits(ids(0, 16), Hooks.NONE).toFloatArray())
        .containsExactly(oracle.processed(), within(2e-5f));
  }

  @ParameterizedTest(name = "after a prompt of {0}")
  @ValueSource(ints = {1, 7, 15})
  void givesTheSameNextLogitsWithACacheAsWithout(int prompt) {
    Gpt2 model = processed();
    float[] whole = model.logits(ids(0, 16), Hooks.NONE).toFloatArray();
    try (KeyValueCache cache = new KeyValueCache(manager, model.config().layers())) {
      NDArray next = model.nextLogits(ids(0, prompt), Hooks.NONE, cache);
      for (int position = prompt; position < 16; position++) {
        assertThat(next.toFloatArray())
            .containsExactly(
                Arrays.copyOfRange(whole, (position - 1) * 61, position * 61), within(1e-5f));
        next = model.nextLogits(ids(position, position + 1), Hooks.NONE, cache);
      }
    }
  }

  @Test
  void offersEverySiteOfABlockInOrderAndInItsShape() {
    List<String> seen = new ArrayList<>();

    processed()
        .logits(
            ids(0, 16),
            (site, layer, activation) -> {
              if (layer == 1) {
                seen.add(site + " " + activation.getShape());
              }
              return activation;
            });

    assertThat(seen)
        .containsExactly(
            "RESIDUAL_BEFORE (1, 16, 24)",
            "ATTENTION_INPUT (1, 16, 24)",
            "QUERY (1, 16, 3, 8)",
            "KEY (1, 16, 3, 8)",
            "VALUE (1, 16, 3, 8)",
            "SCORES (1, 3, 16, 16)",
            "PATTERN (1, 3, 16, 16)",
            "Z (1, 16, 3, 8)",
            "ATTENTION_OUTPUT (1, 16, 24)",
            "MLP_OUTPUT (1, 16, 24)",
            "RESIDUAL_AFTER (1, 16, 24)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"QUERY", "KEY", "VALUE", "Z", "ATTENTION_OUTPUT", "MLP_OUTPUT", "RESIDUAL_AFTER"})
  void goesOnWithWhatAHookReturns(Site changed) {
    float[] logits =
        processed()
            .logits(
                ids(0, 16),
                (site, layer, activation) -> site == changed ? activation.mul(0.5f) : activation)
            .toFloatArray();

    assertThat(logits).isNotEqualTo(oracle.processed());
  }

  @Test
  void rejectsASequenceBeyondTheContext() {
    Gpt2 model = processed();

    assertThatThrownBy(() -> model.embed(manager.zeros(new Shape(1, 17), DataType.INT64), 0))
        .hasMessage("a sequence of 17 tokens is longer than the context of 16");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 61, Integer.MAX_VALUE})
  void rejectsATokenOutsideTheVocabulary(int token) {
    Gpt2 model = processed();
    NDArray ids = Gpt2.ids(manager, List.of(new int[] {0, token}));

    assertThatThrownBy(() -> model.logits(ids, Hooks.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("there is no token " + token)
        .hasMessageContaining("from 0 to 60");
  }

  @Test
  void rejectsABatchOfSeveralLengths() {
    assertThatThrownBy(() -> Gpt2.ids(manager, List.of(new int[3], new int[5])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the sequences of a batch must be of one length, not of 3 and 5 tokens");
    for (List<int[]> nothing : List.of(List.<int[]>of(), List.of(new int[0]))) {
      assertThatThrownBy(() -> Gpt2.ids(manager, nothing))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no token to read");
    }
  }

  /** A mask for the context would have more numbers than an array holds. */
  @Test
  void takesAContextFarLongerThanItsText() {
    Gpt2Config config = new Gpt2Config(1, 1, 2, 2, 60_000, 5);
    Map<String, NDArray> weights = new LinkedHashMap<>();
    Weights.shapes(config).forEach((name, shape) -> weights.put(name, manager.ones(shape)));
    List<Shape> seen = new ArrayList<>();

    try (Gpt2 model = Gpt2.of(new Weights(config, weights), manager)) {
      model.watch(
          List.of(new int[] {0, 1, 4}),
          (site, layer, activation) -> {
            seen.add(activation.getShape());
            return activation;
          });
    }

    assertThat(seen).contains(new Shape(1, 1, 3, 3));
  }

  @Test
  void masksALongerTextThanTheOneBefore() {
    Gpt2 model = processed();
    float[] first = seeing(model, 3);
    float[] whole = seeing(model, 16);

    assertThat(whole).isEqualTo(seeing(processed(), 16));
    assertThat(first).isEqualTo(seeing(model, 3));
  }

  private float[] seeing(Gpt2 model, int tokens) {
    return model.logits(ids(0, tokens), (site, layer, activation) -> activation).toFloatArray();
  }

  @Test
  void freesWhatAPassAllocates() {
    Gpt2 model = processed();
    model.logits(ids(0, 16), Hooks.NONE).close();
    int held = model.manager().getManagedArrays().size();

    for (int i = 0; i < 5; i++) {
      model.logits(ids(0, 16), Hooks.NONE).close();
    }

    assertThat(model.manager().getManagedArrays()).hasSize(held);
  }
}
