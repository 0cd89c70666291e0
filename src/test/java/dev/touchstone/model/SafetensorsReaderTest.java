package dev.touchstone.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

  @Test
  void opensWhatTheReferenceOpensAndNothingElse() throws IOException {
    List<String> lines = Files.readAllLines(FILES);
    List<String> disagreements = new ArrayList<>();
    for (String line : lines) {
      String[] fields = line.split("\t", -1);
      String refusal = refusal(bytes(fields[2]));
      if (fields[0].equals("accepted") != refusal.isEmpty()) {
        disagreements.add(fields[0] + ": " + fields[1] + " " + refusal);
      }
    }

    assertThat(lines.size()).isGreaterThan(1000);
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
