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
import dev.touchstone.Seeds;
import dev.touchstone.suite.training.SafetensorsWriter;
import dev.touchstone.suite.training.SafetensorsWriter.Precision;
import dev.touchstone.tensor.SeededArrays;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LlamaSimpleMlpTest {
  private static final LlamaSimpleMlpConfig CONFIG =
      new LlamaSimpleMlpConfig(2, 4, 2, 16, 20, 10, 30, 10_000, 1e-6f);

  private final NDManager manager = NDManager.newBaseManager();
  private final SeededArrays draw = new SeededArrays(Seeds.seed("LlamaSimpleMlpTest"));
  private final Map<String, NDArray> weights = new LinkedHashMap<>();
  private LlamaSimpleMlp model;
  private NDArray ids;

  @TempDir Path folder;

  @BeforeEach
  void draw() {
    CONFIG.shapes().forEach((name, shape) -> weights.put(name, draw.normal(manager, shape, 0.5)));
    model = LlamaSimpleMlp.of(CONFIG, weights, manager);
    ids = draw.integers(manager, new Shape(2, 8), 30);
  }

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void doesNotSeeTheFuture() {
    NDArray changed = ids.duplicate();
    changed.set(new NDIndex(":, 5:"), 1);
    NDArray before = model.logits(ids, Hooks.NONE).get(":, 0:5");
    NDArray after = model.logits(changed, Hooks.NONE).get(":, 0:5");
    assertThat(before.sub(after).abs().max().getFloat()).isZero();
  }

  @Test
  void offersEverySiteOncePerLayerInOrder() {
    List<Site> seen = new ArrayList<>();
    model.logits(
        ids,
        (site, layer, activation) -> {
          if (layer == 1) {
            seen.add(site);
          }
          return activation;
        });
    assertThat(seen).containsExactly(Site.values());
  }

  @Test
  void asksForEveryLinearMapInOrder() {
    List<String> asked = new ArrayList<>();
    model.logits(
        ids,
        Hooks.NONE,
        (module, input) -> {
          asked.add(module);
          return model.linear(module, input);
        });
    assertThat(asked).isEqualTo(CONFIG.modules());
  }

  @Test
  void dependsOnDistancesNotOnPlaces() {
    // With one token repeated, every key is the same but for its rotation, so each query sees the
    // same scores wherever it stands, as far back as it goes.
    float[][] rows = new float[8][];
    model.logits(
        manager.ones(new Shape(1, 8), DataType.INT64),
        (site, layer, activation) -> {
          if (site == Site.SCORES && layer == 0) {
            for (int query = 0; query < 8; query++) {
              rows[query] = activation.get(0).get(0).get(query).toFloatArray();
            }
          }
          return activation;
        });
    for (int back = 0; back < 7; back++) {
      assertThat(rows[7][7 - back]).isCloseTo(rows[6][6 - back], within(1e-4f));
    }
    assertThat(rows[7][0]).isNotCloseTo(rows[7][7], within(1e-2f));
  }

  @Test
  void differentiates() {
    NDArray weight = weights.get("h.0.attn.k_proj.weight");
    weight.setRequiresGradient(true);
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      collector.backward(model.logits(ids, Hooks.NONE).square().mean());
    }
    float gradient = weight.getGradient().get(1).getFloat(2);
    float step = 1e-2f;
    double up = shifted(weight, step);
    double down = shifted(weight, -2 * step);
    assertThat((up - down) / (2 * step)).isCloseTo(gradient, withinPercentage(3));
  }

  private double shifted(NDArray weight, float by) {
    NDArray shift = manager.zeros(weight.getShape());
    shift.set(new NDIndex(1, 2), by);
    weight.addi(shift);
    return model.logits(ids, Hooks.NONE).square().mean().getFloat();
  }

  @Test
  void loadsWhatWasWritten() throws IOException {
    Path file = folder.resolve("model.safetensors");
    SafetensorsWriter.write(file, weights, Precision.F32);
    Files.writeString(folder.resolve("config.json"), "{\"n_head\": 4, \"n_ctx\": 10}");

    LlamaSimpleMlp read = LlamaSimpleMlp.load(Checkpoint.open(file), manager);

    assertThat(read.config()).isEqualTo(CONFIG);
    assertThat(
            read.logits(ids, Hooks.NONE).sub(model.logits(ids, Hooks.NONE)).abs().max().getFloat())
        .isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"n_ctx\": 10} | has no n_head",
        "{\"n_head\": 3, \"n_ctx\": 10} | n_head as 3",
        "{\"n_head\": 16, \"n_ctx\": 10} | n_head as 16",
        "{\"n_head\": 1, \"n_ctx\": 10} | n_head as 1",
        "{\"n_head\": 1073741824, \"n_ctx\": 10} | n_head as 1073741824",
        "{\"n_head\": 4, \"n_ctx\": 10, \"rotary_base\": 1e400} | rotary_base as",
        "{\"n_head\": 4, \"n_ctx\": 10, \"rms_norm_eps\": 1e-60} | rms_norm_eps as 1.0E-60",
        "{\"n_head\": 4} | has no n_ctx",
        "{\"n_head\": 4, \"n_ctx\": 10, \"rotary_adjacent_pairs\": true} | rotary_adjacent_pairs",
        "{\"n_head\": 4, \"n_ctx\": 10, \"rotary_base\": \"5\"} | rotary_base as \"5\"",
        "{\"n_head\": 4, \"n_ctx\": 10, \"n_layer\": 1} | n_layer as 1",
        "{\"n_head\": 4, \"n_ctx\": 10, \"n_ctx\": 9} | Duplicate field 'n_ctx'",
        "no JSON | cannot be read as JSON"
      })
  void refusesADescriptionThatDoesNotFit(String description, String complaint) throws IOException {
    Path file = folder.resolve("model.safetensors");
    SafetensorsWriter.write(file, weights, Precision.F32);
    Files.writeString(folder.resolve("config.json"), description);
    assertThatThrownBy(() -> LlamaSimpleMlpConfig.of(Checkpoint.open(file)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(complaint);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "wte.weight | 16 | not one of 2 axes",
        "wte.weight | 30, 0 | 0 is no size",
        "wte.weight | 0, 16 | 0 is no size",
        "h.0.attn.k_proj.weight | 8 | not one of 2 axes",
        "h.0.attn.k_proj.weight | 0, 16 | 0 is no size",
        "h.0.mlp.c_fc.weight | 0, 16 | 0 is no size"
      })
  void refusesAShapeThatMakesNoModel(String name, String shape, String complaint)
      throws IOException {
    long[] dimensions = Stream.of(shape.split(", ")).mapToLong(Long::parseLong).toArray();
    Path file = folder.resolve("model.safetensors");
    weights.put(name, manager.ones(new Shape(dimensions)));
    SafetensorsWriter.write(file, weights, Precision.F32);
    Files.writeString(folder.resolve("config.json"), "{\"n_head\": 4, \"n_ctx\": 10}");

    assertThatThrownBy(() -> LlamaSimpleMlpConfig.of(Checkpoint.open(file)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(name)
        .hasMessageContaining(complaint);
  }

  /** Of the context only a number is known, and the file says what it likes. */
  @Test
  void takesAContextFarLongerThanItsText() throws IOException {
    Path file = folder.resolve("model.safetensors");
    SafetensorsWriter.write(file, weights, Precision.F32);
    Files.writeString(folder.resolve("config.json"), "{\"n_head\": 4, \"n_ctx\": 2147483647}");

    LlamaSimpleMlp read = LlamaSimpleMlp.load(Checkpoint.open(file), manager);

    NDArray beginning = ids.get(":, 0:3");
    assertThat(read.logits(beginning, Hooks.NONE)).isEqualTo(model.logits(beginning, Hooks.NONE));
    assertThat(read.logits(ids, Hooks.NONE)).isEqualTo(model.logits(ids, Hooks.NONE));
  }

  @Test
  void refusesATokenOutsideTheVocabulary() {
    NDArray ids = Gpt2.ids(manager, List.of(new int[] {3, 30}));

    assertThatThrownBy(() -> model.logits(ids, Hooks.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("there is no token 30")
        .hasMessageContaining("from 0 to 29");
  }

  @ParameterizedTest
  @ValueSource(strings = {"h.1.attn.q_proj.weight", "h.1.mlp.c_fc.weight"})
  void refusesABlockThatLacksATensor(String missing) throws IOException {
    Path file = folder.resolve("model.safetensors");
    weights.remove(missing);
    SafetensorsWriter.write(file, weights, Precision.F32);
    Files.writeString(folder.resolve("config.json"), "{\"n_head\": 4, \"n_ctx\": 10}");

    assertThatThrownBy(() -> LlamaSimpleMlpConfig.of(Checkpoint.open(file)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("has no tensor '" + missing + "'");
  }

  @Test
  void refusesASequenceLongerThanItsContext() {
    NDArray long11 = draw.integers(manager, new Shape(1, 11), 30);
    assertThatThrownBy(() -> model.logits(long11, Hooks.NONE)).hasMessageContaining("11 tokens");
  }
}
