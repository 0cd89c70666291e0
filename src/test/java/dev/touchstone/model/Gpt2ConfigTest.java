package dev.touchstone.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.suite.training.SafetensorsWriter;
import dev.touchstone.suite.training.SafetensorsWriter.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Gpt2ConfigTest {
  private static final Gpt2Config CONFIG = new Gpt2Config(3, 2, 8, 12, 10, 20);
  private static final Shape EMBEDDING = new Shape(20, 8);

  private final NDManager manager = NDManager.newBaseManager();
  private final Map<String, NDArray> tensors = new LinkedHashMap<>();

  @TempDir Path folder;

  @BeforeEach
  void whole() throws IOException {
    Weights.shapes(CONFIG).forEach((name, shape) -> tensors.put(name, manager.ones(shape)));
    describe("{\"n_head\": 2}");
  }

  @AfterEach
  void free() {
    manager.close();
  }

  private void describe(String config) throws IOException {
    Files.writeString(folder.resolve("config.json"), config);
  }

  private Checkpoint written() throws IOException {
    Path file = folder.resolve("model.safetensors");
    SafetensorsWriter.write(file, tensors, Precision.F32);
    return Checkpoint.open(file);
  }

  private AbstractThrowableAssert<?, ?> assertThatReading() throws IOException {
    Checkpoint checkpoint = written();
    return assertThatThrownBy(() -> Gpt2Config.of(checkpoint))
        .isInstanceOf(CheckpointException.class);
  }

  @Test
  void isReadFromTheShapes() throws IOException {
    assertThat(Gpt2Config.of(written())).isEqualTo(CONFIG);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "h.0.attn.c_attn.weight",
        "h.1.attn.c_attn.weight",
        "h.2.attn.c_attn.weight",
        "h.1.ln_2.bias",
        "h.2.mlp.c_proj.weight"
      })
  void aTensorThatOneBlockLacksIsNamed(String missing) throws IOException {
    tensors.remove(missing);

    assertThatReading()
        .hasMessageStartingWith(folder.resolve("model.safetensors").toString())
        .hasMessageContaining("has no tensor '" + missing + "', which each of its 3 blocks")
        .hasMessageContaining("fetch the file again");
  }

  @Test
  void aRenamedTensorIsNamedWithTheMissingOne() throws IOException {
    tensors.put("h.2.attn.c_atn.weight", tensors.remove("h.2.attn.c_attn.weight"));

    assertThatReading()
        .hasMessageContaining("has no tensor 'h.2.attn.c_attn.weight'")
        .hasMessageContaining("it holds 'h.2.attn.c_atn.weight'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"blocks.2.attn.c_attn.weight", "h.2.attn.lora_A", "h.03.ln_1.bias"})
  void aTensorOfNoKnownBlockIsNamed(String unknown) throws IOException {
    tensors.put(unknown, manager.ones(new Shape(8)));

    assertThatReading().hasMessageContaining("holds '" + unknown + "', which is no block's");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aBlockThatIsMissingBeforeTheLastIsNoticed(int layer) throws IOException {
    tensors.keySet().removeIf(name -> name.startsWith("h." + layer + "."));

    assertThatReading().hasMessageContaining("has no tensor 'h." + layer + ".");
  }

  @Test
  void aLastBlockThatIsMissingIsNoticedByTheDescription() throws IOException {
    tensors.keySet().removeIf(name -> name.startsWith("h.2."));
    assertThat(Gpt2Config.of(written()).layers()).isEqualTo(2);

    describe("{\"n_head\": 2, \"n_layer\": 3}");

    assertThatReading().hasMessageContaining("has no tensor 'h.2.");
  }

  @Test
  void aKindThatAllBlocksLackIsNotMissing() throws IOException {
    tensors
        .keySet()
        .removeIf(name -> name.startsWith("wte") || name.matches("h.*\\.mlp\\..*weight"));

    assertThat(Gpt2Config.of(written())).isEqualTo(new Gpt2Config(3, 2, 8, 12, 10, 0));
  }

  @Test
  void acceptsWhatHuggingFaceWritesOfGpt2() throws IOException {
    describe(
        """
        {"activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"], "n_ctx": 10,
         "layer_norm_epsilon": 1e-05, "model_type": "gpt2", "n_embd": 8, "n_head": 2,
         "n_inner": null, "n_layer": 3, "n_positions": 10, "vocab_size": 20}
        """);

    assertThat(Gpt2Config.of(written())).isEqualTo(CONFIG);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"n_layer\": 2 | gives n_layer as 2",
        "\"n_layer\": \"3\" | gives n_layer as \"3\"",
        "\"n_embd\": 4 | gives n_embd as 4",
        "\"n_inner\": 32 | gives n_inner as 32",
        "\"n_positions\": 5 | gives n_positions as 5",
        "\"vocab_size\": 21 | gives vocab_size as 21",
        "\"model_type\": \"opt\" | gives model_type as \"opt\"",
        "\"activation_function\": \"relu\" | gives activation_function as \"relu\"",
        "\"layer_norm_epsilon\": 1e-3 | gives layer_norm_epsilon as 0.001",
        "\"scale_attn_weights\": false | gives scale_attn_weights as false",
        "\"scale_attn_by_inverse_layer_idx\": true | gives scale_attn_by_inverse_layer_idx as true",
        "\"tie_word_embeddings\": false | gives tie_word_embeddings as false",
        "\"n_head\": 1 | Duplicate field 'n_head'"
      })
  void aDescriptionOfAnotherModelIsRefused(String field, String complaint) throws IOException {
    describe("{\"n_head\": 2, " + field + "}");

    assertThatReading()
        .hasMessageStartingWith(folder.resolve("config.json").toString())
        .hasMessageContaining(complaint);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[]", "{\"n_head\": 3}", "{\"n_head\": 2} {}", ""})
  void aDescriptionThatDoesNotTellTheHeadsIsRefused(String config) throws IOException {
    describe(config);

    assertThatReading().hasMessageStartingWith(folder.resolve("config.json").toString());
  }

  @Test
  void aDescriptionThatIsFarTooLongIsNotRead() throws IOException {
    describe("{\"n_head\": 2}" + " ".repeat(1_000_000));

    assertThatReading()
        .hasMessage(
            folder.resolve("config.json")
                + " has more than 1000000 bytes: restore the file that came with the checkpoint");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "wpe.weight | 10, 0 | 0 is no size",
        "wpe.weight | 0, 8 | 0 is no size",
        "wpe.weight | 80 | not one of 2 axes",
        "wte.weight | 0, 8 | 0 is no size",
        "wte.weight | 20, 0 | shape (20, 0) instead of (20, 8)",
        "h.0.mlp.c_fc.bias | 0 | 0 is no size",
        "h.0.mlp.c_fc.bias | 3, 4 | not one of 1 axes",
        "h.1.attn.c_attn.weight | 8, 0 | shape (8, 0) instead of (8, 24)"
      })
  void aShapeThatMakesNoModelIsRefused(String name, String shape, String complaint)
      throws IOException {
    long[] dimensions = Stream.of(shape.split(", ")).mapToLong(Long::parseLong).toArray();
    tensors.put(name, manager.ones(new Shape(dimensions)));

    assertThatReading().hasMessageContaining(name).hasMessageContaining(complaint);
  }

  @Test
  void blocksThatAreOnlyDeclaredAreNotLookedFor() throws IOException {
    tensors.keySet().removeIf(name -> name.startsWith("h."));
    tensors.put("attention.attn.c_attn.weight", manager.ones(new Shape(8, 24)));
    describe("{\"n_head\": 2, \"n_layer\": 2147483647}");

    assertThatReading().hasMessageContaining("has no block's tensor, such as 'h.0.");
  }

  @Test
  void anUnembeddingOfItsOwnIsRefused() throws IOException {
    tensors.put("lm_head.weight", manager.ones(EMBEDDING));
    assertThat(Weights.load(written(), manager).complete()).isTrue();

    tensors.put("lm_head.weight", manager.zeros(EMBEDDING));
    Checkpoint untied = written();

    assertThatThrownBy(() -> Weights.load(untied, manager))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("holds an 'lm_head.weight' that is not its 'wte.weight'");
  }
}
