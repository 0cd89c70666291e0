package dev.touchstone.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.touchstone.model.WeightProcessing.Step;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every step against TransformerLens's, on a random GPT-2 none of whose parameters is trivial. */
class WeightProcessingTest {
  private static final Path ORACLE = Path.of("golden/oracle/weight-processing");
  private static final List<String> STEPS =
      List.of(
          "step-1-fold-layer-norm",
          "step-2-center-writing-weights",
          "step-3-center-unembedding",
          "step-4-fold-value-biases");

  private final NDManager manager = NDManager.newBaseManager();
  private final Weights raw =
      Weights.load(Checkpoint.open(ORACLE.resolve("raw.safetensors")), manager);

  @AfterEach
  void free() {
    manager.close();
  }

  @ParameterizedTest(name = "the first {0} steps")
  @ValueSource(ints = {1, 2, 3, 4})
  void givesTransformerLensWeights(int count) {
    Set<Step> steps = EnumSet.noneOf(Step.class);
    steps.addAll(List.of(Step.values()).subList(0, count));

    Weights processed = new WeightProcessing(steps).apply(raw);

    Map<String, float[]> expected = new HashMap<>();
    for (String step : STEPS.subList(0, count)) {
      Checkpoint changed = Checkpoint.open(ORACLE.resolve(step + ".safetensors"));
      changed.names().forEach(name -> expected.put(name, changed.floats(name)));
    }
    expected
        .keySet()
        .removeIf(
            name -> name.contains("ln1.") || name.contains("ln2.") || name.startsWith("ln_final"));
    assertThat(expected).hasSizeGreaterThan(4);
    expected.forEach(
        (name, values) ->
            assertThat(inTheirLayout(processed, name).toFloatArray())
                .as(name)
                .containsExactly(values, within(1e-6f)));
  }

  @Test
  void leavesItsArgumentAsItWas() {
    Map<String, float[]> before = new HashMap<>();
    raw.tensors().forEach((name, tensor) -> before.put(name, tensor.toFloatArray()));

    WeightProcessing.TRANSFORMER_LENS.apply(raw);

    raw.tensors()
        .forEach(
            (name, tensor) ->
                assertThat(tensor.toFloatArray()).as(name).containsExactly(before.get(name)));
  }

  @Test
  void processesThePartsOfAPartialCheckpoint() {
    Map<String, NDArray> some = new HashMap<>(raw.tensors());
    some.keySet()
        .removeIf(
            name -> name.contains("mlp") || name.startsWith("wte") || name.startsWith("unembed"));
    Weights partial = new Weights(raw.config(), some);

    Weights processed = WeightProcessing.TRANSFORMER_LENS.apply(partial);

    Weights whole = WeightProcessing.TRANSFORMER_LENS.apply(raw);
    Head head = new Head(1, 2);
    assertThat(processed.query(head).toFloatArray())
        .containsExactly(whole.query(head).toFloatArray());
    assertThat(processed.tensors()).doesNotContainKey("h.0.mlp.c_fc.weight");
  }

  @Test
  void printsItsStepsInTheirOrder() {
    assertThat(WeightProcessing.TRANSFORMER_LENS.without(Step.FOLD_VALUE_BIASES))
        .hasToString("fold-layer-norm+centre-writing-weights+centre-unembedding");
    assertThat(WeightProcessing.NONE).hasToString("unprocessed");
  }

  /** The tensor that TransformerLens calls by this name, in its layout. */
  private static NDArray inTheirLayout(Weights weights, String name) {
    Gpt2Config config = weights.config();
    String[] parts = name.split("\\.");
    if (!parts[0].equals("blocks")) {
      return switch (name) {
        case "embed.W_E" -> weights.get("wte.weight");
        case "pos_embed.W_pos" -> weights.get("wpe.weight");
        case "unembed.W_U" -> weights.get("unembed.weight");
        case "unembed.b_U" -> weights.get("unembed.bias");
        default -> throw new IllegalArgumentException(name);
      };
    }
    String block = "h." + parts[1] + ".";
    String tensor = parts[3];
    return switch (tensor) {
      case "W_Q", "W_K", "W_V" ->
          part(weights.get(block + "attn.c_attn.weight"), tensor, config)
              .reshape(config.width(), config.heads(), config.headWidth())
              .transpose(1, 0, 2);
      case "b_Q", "b_K", "b_V" -> part(weights.get(block + "attn.c_attn.bias"), tensor, config);
      case "W_O" -> weights.get(block + "attn.c_proj.weight");
      case "b_O" -> weights.get(block + "attn.c_proj.bias");
      case "W_in" -> weights.get(block + "mlp.c_fc.weight");
      case "b_in" -> weights.get(block + "mlp.c_fc.bias");
      case "W_out" -> weights.get(block + "mlp.c_proj.weight");
      case "b_out" -> weights.get(block + "mlp.c_proj.bias");
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static NDArray part(NDArray queryKeyValue, String tensor, Gpt2Config config) {
    return queryKeyValue
        .split(3, queryKeyValue.getShape().dimension() - 1)
        .get("QKV".indexOf(tensor.charAt(2)));
  }
}
