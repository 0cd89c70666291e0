package dev.touchstone.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path folder;

  @Test
  void namesTheFileForWhichThereIsNoRoom() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "this system has no such device");
    Path file = folder.resolve("reports/verdicts.json");
    AtomicFile.write(file, "earlier");

    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    aside -> {
                      Files.writeString(aside, "begun");
                      Files.writeString(full, "more");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage(
            file
                + " cannot be written (No space left on device): see that there is room and that this"
                + " user may write there");
    assertThat(file).hasContent("earlier");
    assertThat(folder.resolve("reports")).isDirectoryNotContaining("glob:**.part");
  }

  @Test
  void namesWhatStandsInTheWay() throws IOException {
    Path reports = Files.createFile(folder.resolve("reports"));

    assertThatThrownBy(() -> AtomicFile.write(reports.resolve("verdicts.json"), "new"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("verdicts.json cannot be written (" + reports + ": Not a directory)");
  }
}
