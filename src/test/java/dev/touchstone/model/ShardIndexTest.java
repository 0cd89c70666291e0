package dev.touchstone.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.runtime.Sha256;
import dev.touchstone.suite.training.SafetensorsWriter;
import dev.touchstone.suite.training.SafetensorsWriter.Precision;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShardIndexTest {
  private static final String FIRST = "model-00001-of-00002.safetensors";
  private static final String SECOND = "model-00002-of-00002.safetensors";

  private final NDManager manager = NDManager.newBaseManager();

  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    shard(FIRST, Map.of("transformer.x", manager.create(new float[] {1, 2})));
    Map<String, NDArray> second = new LinkedHashMap<>();
    second.put("y", manager.create(new float[] {3}));
    second.put("h.0.attn.bias", manager.zeros(new Shape(2, 2)));
    shard(SECOND, second);
  }

  @AfterEach
  void free() {
    manager.close();
  }

  private void shard(String name, Map<String, NDArray> tensors) throws IOException {
    SafetensorsWriter.write(folder.resolve(name), tensors, Precision.F32);
  }

  private Path index(String content) throws IOException {
    return Files.writeString(folder.resolve("model.safetensors.index.json"), content);
  }

  private static String map(String... tensorsAndShards) {
    StringBuilder members = new StringBuilder();
    for (int i = 0; i < tensorsAndShards.length; i += 2) {
      members
          .append(i == 0 ? "" : ",")
          .append('"' + tensorsAndShards[i] + "\":\"" + tensorsAndShards[i + 1] + '"');
    }
    return "{\"metadata\":{\"total_size\":24},\"weight_map\":{" + members + "}}";
  }

  private AbstractThrowableAssert<?, ?> assertThatOpening(Path index) {
    return assertThatThrownBy(() -> Checkpoint.open(index)).isInstanceOf(CheckpointException.class);
  }

  @Test
  void tensorsOfAllFilesAreRead() throws IOException {
    Path index = index(map("y", SECOND, "transformer.x", FIRST, "h.0.attn.bias", SECOND));

    Checkpoint checkpoint = Checkpoint.open(index);

    assertThat(checkpoint.path()).isEqualTo(index);
    assertThat(checkpoint.names()).containsExactly("x", "y");
    assertThat(checkpoint.floats("x")).containsExactly(1, 2);
    assertThat(checkpoint.floats("y")).containsExactly(3);
  }

  @Test
  void theHashIsOfWhatSha256sumPrints() throws IOException {
    StringBuilder printed = new StringBuilder();
    for (String name : new String[] {FIRST, SECOND}) {
      printed.append(Sha256.of(folder.resolve(name))).append("  ").append(name).append('\n');
    }

    assertThat(Checkpoint.open(index(map("x", FIRST, "y", SECOND))).sha256())
        .isEqualTo(Sha256.of(printed.toString().getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aFileThatChangesIsNamed() throws IOException {
    Checkpoint checkpoint = Checkpoint.open(index(map("x", FIRST, "y", SECOND)));
    Files.setLastModifiedTime(folder.resolve(SECOND), FileTime.fromMillis(0));

    assertThat(checkpoint.floats("x")).hasSize(2);
    assertThatThrownBy(() -> checkpoint.floats("y"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(folder.resolve(SECOND) + " has changed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../model.safetensors",
        "/model.safetensors",
        "sub/model.safetensors",
        "sub\\\\model.safetensors",
        ".safetensors",
        "..safetensors",
        "C:model.safetensors",
        "model.bin",
        "model.safetensors\\u0000",
        ""
      })
  void aFileElsewhereIsNotLookedFor(String elsewhere) throws IOException {
    assertThatOpening(index(map("x", elsewhere)))
        .hasMessageContaining("places tensor 'x' in no safetensors file of its own folder");
  }

  @Test
  void aFileThatIsMissingIsNamed() throws IOException {
    Files.delete(folder.resolve(SECOND));

    assertThatOpening(index(map("x", FIRST, "y", SECOND)))
        .hasMessageStartingWith(folder.resolve(SECOND) + " does not exist");
  }

  @Test
  void aFileThatIsBrokenIsNamed() throws IOException {
    Files.write(folder.resolve(SECOND), new byte[9]);

    assertThatOpening(index(map("x", FIRST, "y", SECOND)))
        .hasMessageStartingWith(folder.resolve(SECOND).toString());
  }

  @ParameterizedTest
  @CsvSource({
    "x, 1, y, 1, 'places tensor ''y'' in model-00001-of-00002.safetensors, which does not hold it'",
    "x, 1, z, 2, 'places tensor ''z'' in model-00002-of-00002.safetensors, which does not hold it'",
    "x, 1, x, 1, Duplicate field 'x'",
    "x, 1, transformer.x, 1, names tensor 'transformer.x' twice"
  })
  void anIndexThatSaysSomethingElseIsRefused(
      String tensor, int shard, String other, int otherShard, String complaint) throws IOException {
    String[] shards = {FIRST, SECOND};

    assertThatOpening(index(map(tensor, shards[shard - 1], other, shards[otherShard - 1])))
        .hasMessageStartingWith(folder.toString())
        .hasMessageContaining(complaint);
  }

  @Test
  void aTensorThatTheIndexPassesOverIsRefused() throws IOException {
    shard(FIRST, Map.of("x", manager.ones(new Shape(1)), "z", manager.ones(new Shape(1))));

    assertThatOpening(index(map("x", FIRST, "y", SECOND)))
        .hasMessageContaining("does not place tensor 'z' in " + FIRST + ", which holds it");
  }

  @Test
  void aTensorInTwoFilesIsRefused() throws IOException {
    shard(FIRST, Map.of("x", manager.ones(new Shape(1)), "y", manager.ones(new Shape(1))));

    assertThatOpening(index(map("x", FIRST, "y", SECOND)))
        .hasMessageContaining("does not place tensor 'y' in " + FIRST + ", which holds it");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"weight_map\":{}}",
        "{\"weight_map\":[]}",
        "{\"weight_map\":{\"x\":1}}",
        "{\"weight_map\":{\"x\":null}}",
        "{\"weight_map\":{\"x\":\"model-00001-of-00002.safetensors\"}} x",
        "\ufeff{\"weight_map\":{\"x\":\"model-00001-of-00002.safetensors\"}}"
      })
  void whatIsNoIndexIsRefused(String content) throws IOException {
    Path index = index(content);

    assertThatOpening(index).hasMessageStartingWith(index.toString());
  }
}
