package dev.touchstone.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WikiTextTest {
  @TempDir private Path folder;

  @Test
  void blankLinesBecomeEmptyAndOthersKeepTheirNewline() {
    assertThat(WikiText.rows(" \n = Title = \n\n text , \t\n"))
        .containsExactly("", " = Title = \n", "", " text , \t\n");
  }

  @Test
  void aLastLineWithoutNewlineIsARow() {
    assertThat(WikiText.rows("a\nb")).containsExactly("a\n", "b");
    assertThat(WikiText.rows("")).isEmpty();
  }

  @Test
  void onlyANewlineEndsALine() {
    assertThat(WikiText.rows("a\rb\u2028c\u0085d\n")).hasSize(1);
  }

  @Test
  void rowsAreJoinedByTwoNewlines() throws IOException {
    Path file = Files.writeString(folder.resolve("wiki.raw"), " \n = T = \n \n é\n");

    assertThat(WikiText.text(file)).isEqualTo("\n\n = T = \n\n\n\n\n é\n");
  }

  @Test
  void aFileThatIsNotUtf8IsRefused() throws IOException {
    Path file = Files.write(folder.resolve("wiki.raw"), new byte[] {(byte) 0xff});

    assertThatThrownBy(() -> WikiText.text(file))
        .isInstanceOf(BrokenAssetException.class)
        .hasMessageContaining("wiki.raw cannot be read");
  }
}
