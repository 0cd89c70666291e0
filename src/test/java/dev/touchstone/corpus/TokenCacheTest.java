package dev.touchstone.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.touchstone.runtime.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenCacheTest {
  private static final String TEXT = "The River Severn, known in Welsh as Afon Hafren.";

  private final Tokenizer tokenizer = Tokenizer.r50kPrefix(1000);

  @TempDir private Path root;

  @Test
  void aSecondRunReadsWhatTheFirstEncoded() throws IOException {
    Corpus encoded = corpus();
    Path file = onlyFile();
    byte[] content = Files.readAllBytes(file);

    assertThat(corpus().tokens()).isEqualTo(encoded.tokens()).isEqualTo(tokenizer.encode(TEXT));
    assertThat(file).hasBinaryContent(content);
    assertThat(corpus()).isEqualTo(Corpus.of("text", TEXT, tokenizer));
  }

  @Test
  void everyTextAndTokenizerHasItsOwnFile() throws IOException {
    corpus();
    cache().corpus("text", TEXT + ".", tokenizer);
    cache().corpus("text", TEXT, Tokenizer.r50kPrefix(999));

    assertThat(files()).hasSize(3);
  }

  @Test
  void aDamagedFileIsWrittenAnew() throws IOException {
    corpus();
    Path file = onlyFile();
    byte[] content = Files.readAllBytes(file);
    byte[] flipped = content.clone();
    flipped[content.length - 1] ^= 1;
    for (byte[] damaged :
        List.of(flipped, new byte[0], Arrays.copyOf(content, content.length - 4))) {
      Files.write(file, damaged);

      assertThat(corpus().tokens()).isEqualTo(tokenizer.encode(TEXT));
      assertThat(file).hasBinaryContent(content);
    }
  }

  /** Copied under its name, or made by somebody: nothing is damaged about it. */
  @Test
  void aFileOfOtherTokensIsWrittenAnew() throws IOException {
    corpus();
    Path file = onlyFile();
    byte[] content = Files.readAllBytes(file);
    for (int[] other :
        List.of(new int[0], tokenizer.encode("Severn"), new int[] {1000}, new int[] {-1})) {
      ByteBuffer ids = ByteBuffer.allocate(other.length * Integer.BYTES);
      ids.asIntBuffer().put(other);
      byte[] hash = Sha256.of(ids.array()).getBytes(StandardCharsets.US_ASCII);
      Files.write(file, hash);
      Files.write(file, ids.array(), StandardOpenOption.APPEND);

      assertThat(corpus().tokens()).isEqualTo(tokenizer.encode(TEXT));
      assertThat(file).hasBinaryContent(content);
    }
  }

  @Test
  void isSharedByManyAtOnce() throws IOException {
    List<String> texts = IntStream.range(0, 40).mapToObj(i -> TEXT.repeat(1 + i % 8)).toList();

    texts.parallelStream()
        .forEach(
            text ->
                assertThat(cache().corpus("text", text, tokenizer).tokens())
                    .isEqualTo(tokenizer.encode(text)));

    assertThat(files()).hasSize(8).allMatch(file -> file.toString().endsWith(".tokens"));
  }

  @Test
  void aFolderThatCannotBeWrittenDoesNoHarm() throws IOException {
    Files.createFile(root.resolve("tokens"));

    assertThat(corpus().tokens()).isEqualTo(tokenizer.encode(TEXT));
  }

  private TokenCache cache() {
    return new TokenCache(root.resolve("tokens"));
  }

  private Corpus corpus() {
    return cache().corpus("text", TEXT, tokenizer);
  }

  private Path onlyFile() throws IOException {
    assertThat(files()).hasSize(1);
    return files().get(0);
  }

  private List<Path> files() throws IOException {
    try (var files = Files.list(root.resolve("tokens"))) {
      return files.toList();
    }
  }
}
