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

/** The index beside two files that are as they should be. */
class ShardIndexFuzzTest {
  @RegisterExtension
  static final Untrusted UNTRUSTED = new Untrusted(4, 100, CheckpointException.class);

  @TempDir static Path folder;

  @BeforeAll
  static void write() throws IOException {
    for (String name : new String[] {"a", "b"}) {
      byte[] header =
          "{\"%s\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}"
              .formatted(name)
              .getBytes(StandardCharsets.UTF_8);
      Files.write(
          folder.resolve(name + ".safetensors"), CheckpointPropertyTest.file(header, new byte[2]));
    }
  }

  static Stream<byte[]> seeds() {
    return Stream.of(
            "{\"weight_map\":{\"a\":\"a.safetensors\",\"b\":\"b.safetensors\"}}",
            "{\"metadata\":{\"total_size\":4e0,\"x\":[null,{}]},\"weight_map\":{\"transformer.a\":\"a.safetensors\"}}",
            "{\"weight_map\":{\"a\":\"../a.safetensors\"}} ")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest
  void open(byte[] index) throws IOException {
    Path file = Files.write(folder.resolve("model.safetensors.index.json"), index);
    UNTRUSTED.read(index, () -> Checkpoint.open(file));
  }
}
