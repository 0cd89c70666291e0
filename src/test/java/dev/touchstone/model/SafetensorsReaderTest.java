package dev.touchstone.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The format's reference reader has judged these files ({@code golden/oracle/README.md}). More of
 * them are judged with {@code -Doracle.safetensors=FILE}.
 */
class SafetensorsReaderTest {
  private static final Path FILES =
      Path.of(System.getProperty("oracle.safetensors", "golden/oracle/safetensors/files.tsv"));

  @TempDir Path folder;

  /** A file as the reference reader has judged it. */
  record Judged(boolean accepted, String what, byte[] content) {}

  static Stream<Judged> files() throws IOException {
    return Files.readAllLines(FILES).stream()
        .map(line -> line.split("\t", -1))
        .map(fields -> new Judged(fields[0].equals("accepted"), fields[1], bytes(fields[2])));
  }

  @Test
  void opensWhatTheReferenceOpensAndNothingElse() throws IOException {
    List<Judged> files = files().toList();
    List<String> disagreements = new ArrayList<>();
    for (Judged file : files) {
      String refusal = refusal(file.content());
      if (file.accepted() != refusal.isEmpty()) {
        disagreements.add(file.accepted() + ": " + file.what() + " " + refusal);
      }
    }

    assertThat(files.size()).isGreaterThan(1000);
    assertThat(disagreements).isEmpty();
  }

  private String refusal(byte[] content) throws IOException {
    Path file = Files.write(folder.resolve("model.safetensors"), content);
    try {
      Checkpoint.open(file);
      return "";
    } catch (CheckpointException e) {
      return e.getMessage();
    }
  }

  /** What is printed as {@code \xNN}, and everything else as it is. */
  private static byte[] bytes(String printed) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < printed.length(); i++) {
      if (printed.charAt(i) == '\\') {
        bytes.write(Integer.parseInt(printed.substring(i + 2, i + 4), 16));
        i += 3;
      } else {
        bytes.write(printed.charAt(i));
      }
    }
    return bytes.toByteArray();
  }
}
