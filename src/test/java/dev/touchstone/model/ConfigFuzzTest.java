package dev.touchstone.model;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.touchstone.Untrusted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/** The {@code config.json} beside a checkpoint that is as it should be. */
class ConfigFuzzTest {
  static final Path GPT2 = Path.of("golden/oracle/weight-processing/raw.safetensors");
  private static final Path LLAMA = Path.of("golden/subjects/llama-nano/model.safetensors");

  @RegisterExtension
  static final Untrusted UNTRUSTED = new Untrusted(4, 100, CheckpointException.class);

  @TempDir static Path folder;
  private static Checkpoint gpt2;
  private static Checkpoint llama;

  @BeforeAll
  static void copy() throws IOException {
    gpt2 = Checkpoint.open(Files.copy(GPT2, folder.resolve("gpt2.safetensors")));
    llama = Checkpoint.open(Files.copy(LLAMA, folder.resolve("llama.safetensors")));
  }

  static Stream<byte[]> seeds() throws IOException {
    return Stream.of(
        Files.readAllBytes(GPT2.resolveSibling("config.json")),
        Files.readAllBytes(LLAMA.resolveSibling("config.json")),
        Files.readAllBytes(Path.of("golden/subjects/nano144/config.json")),
        "{\"n_head\":1e400,\"n_layer\":-1,\"rotary_base\":null,\"rms_norm_eps\":\"x\"}"
            .getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest
  void read(byte[] config) throws IOException {
    Files.write(folder.resolve("config.json"), config);
    UNTRUSTED.read(config, () -> Gpt2Config.of(gpt2));
    UNTRUSTED.read(config, () -> LlamaSimpleMlpConfig.of(llama));
  }
}
