package dev.touchstone.model;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.touchstone.Untrusted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

class CheckpointFuzzTest {
  @RegisterExtension
  static final Untrusted UNTRUSTED = new Untrusted(4, 64, CheckpointException.class);

  @TempDir static Path folder;

  @BeforeAll
  static void describe() throws IOException {
    Files.copy(ConfigFuzzTest.GPT2.resolveSibling("config.json"), folder.resolve("config.json"));
  }

  /** A tenth of what the format's reference reader has judged, and a whole model. */
  static Stream<byte[]> seeds() throws IOException {
    List<SafetensorsReaderTest.Judged> judged = SafetensorsReaderTest.files().toList();
    return Stream.concat(
        IntStream.iterate(0, at -> at < judged.size(), at -> at + 10)
            .mapToObj(at -> judged.get(at).content()),
        Stream.of(Files.readAllBytes(ConfigFuzzTest.GPT2)));
  }

  @MethodSource("seeds")
  @FuzzTest
  void open(byte[] content) throws IOException {
    Path file = Files.write(folder.resolve("model.safetensors"), content);
    UNTRUSTED.read(
        content,
        () -> {
          Checkpoint checkpoint = Checkpoint.open(file);
          checkpoint.names().forEach(name -> readIfPossible(checkpoint, name));
          if (checkpoint.has("wpe.weight")) {
            Gpt2Config.of(checkpoint);
          } else {
            LlamaSimpleMlpConfig.of(checkpoint);
          }
        });
  }

  private static void readIfPossible(Checkpoint checkpoint, String name) {
    try {
      checkpoint.floats(name);
    } catch (CheckpointException e) {
      // Of a dtype that is not read.
    }
  }
}
