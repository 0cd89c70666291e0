package dev.touchstone.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.touchstone.Untrusted;
import dev.touchstone.runtime.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes that stand where a text, its kept tokens or kept hashes should. */
class TokenFileFuzzTest {
  private static final String TEXT = "The river was named after the river it flows into.";
  private static final Tokenizer TOKENIZER = Tokenizer.r50kPrefix(1024);
  private static final Corpus CORPUS = Corpus.of("text", TEXT, TOKENIZER);

  @RegisterExtension
  static final Untrusted UNTRUSTED = new Untrusted(4, 1000, BrokenAssetException.class);

  @TempDir static Path folder;
  private static Path kept;

  @BeforeAll
  static void keep() throws IOException {
    new TokenCache(folder).corpus("text", TEXT, TOKENIZER);
    try (Stream<Path> files = Files.list(folder)) {
      kept = files.findFirst().orElseThrow();
    }
  }

  static Stream<byte[]> seeds() throws IOException {
    return Stream.concat(
        Stream.of(Files.readAllBytes(kept)),
        Stream.of(
                "",
                " = Robert <unk> =\n\n They've 1 234 @-@ 5 \t\n  it's\u00a0naïve \ud83d\ude00\n",
                Files.readString(Path.of("golden/corpus/embedded.txt")).substring(0, 4000),
                "{\"/a/b\":{\"bytes\":50,\"modified\":\"1970-01-01T00:00:00Z\",\"sha256\":\"0\"}}")
            .map(text -> text.getBytes(StandardCharsets.UTF_8)));
  }

  @MethodSource("seeds")
  @FuzzTest
  void read(byte[] content) throws IOException {
    UNTRUSTED.read(
        content,
        () -> {
          Files.write(kept, content);
          assertThat(new TokenCache(folder).corpus("text", TEXT, TOKENIZER)).isEqualTo(CORPUS);
        });
    UNTRUSTED.read(
        content,
        () -> {
          Path memory = Files.write(folder.resolve("hashes.json"), content);
          assertThat(new HashMemory(memory).sha256(kept)).isEqualTo(Sha256.of(kept));
        });
    UNTRUSTED.read(
        content,
        () -> {
          String text = WikiText.text(Files.write(folder.resolve("wiki.valid.raw"), content));
          Corpus corpus = Corpus.of("text", text, TOKENIZER);
          assertThat(TOKENIZER.decode(corpus.tokens())).isEqualTo(text);
        });
  }
}
