package dev.touchstone.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CorpusTest {
  private final Tokenizer tokenizer = Tokenizer.r50kPrefix(256);

  @ParameterizedTest
  @CsvSource({
    // tokens, exp10, exp06, for chunks of 4
    "0, 0, 0",
    "3, 0, 0",
    "4, 1, 0",
    "5, 1, 1",
    "7, 1, 1",
    "8, 2, 1",
    "9, 2, 2"
  })
  void theRulesDifferWhenTheLastChunkFitsExactly(int tokens, int exp10, int exp06) {
    assertThat(Chunking.every(4).count(tokens)).isEqualTo(exp10);
    assertThat(Chunking.followed(4).count(tokens)).isEqualTo(exp06);
  }

  @Test
  void theReportsNumbersOfChunksComeOut() {
    assertThat(Chunking.every(1024).count(2048)).isEqualTo(2);
    assertThat(Chunking.every(1024).count(251_048)).isEqualTo(245);
    assertThat(Chunking.followed(1024).count(200_000)).isEqualTo(195);
  }

  @Test
  void chunksFollowOneAnother() {
    Chunks chunks = corpus("abcdefghij").chunks(Chunking.every(4));

    assertThat(chunks.length()).isEqualTo(4);
    assertThat(chunks.all()).extracting(Chunk::start).containsExactly(0, 4);
    assertThat(chunks.all())
        .extracting(chunk -> tokenizer.decode(chunk.tokens()))
        .containsExactly("abcd", "efgh");
  }

  @ParameterizedTest
  @CsvSource({"'', 0", "abc, 3"})
  void aTextTooShortForAChunkIsRefused(String text, int tokens) {
    assertThatThrownBy(() -> corpus(text).chunks(Chunking.every(4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("text (" + tokens + " r50k-256 tokens) is too short for a chunk")
        .hasMessageContaining("chunk of 4 tokens, which takes 4");
    assertThatThrownBy(() -> corpus("abcd").chunks(Chunking.followed(4)))
        .hasMessageContaining("chunk of 4 tokens, which takes 5");
  }

  @Test
  void chunksAreOfTheirLengthAndAtLeastOne() {
    assertThatThrownBy(() -> new Chunks("text", 3, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there is no chunk of 3 tokens of text, so nothing to measure on");
    List<Chunk> uneven = List.of(new Chunk(0, new int[3]), new Chunk(3, new int[4]));
    assertThatThrownBy(() -> new Chunks("text", 3, uneven))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the chunk at 3 of text has 4 tokens, not 3 as all must have");
  }

  @Test
  void placeAndTokensTellAChunkApart() {
    Chunk chunk = new Chunk(4, new int[] {1, 2});

    assertThat(chunk.key())
        .isEqualTo(new Chunk(4, new int[] {1, 2}).key())
        .isNotEqualTo(new Chunk(5, new int[] {1, 2}).key())
        .isNotEqualTo(new Chunk(4, new int[] {1, 3}).key());
  }

  @Test
  void aChunkMustPredictSomething() {
    assertThatThrownBy(() -> Chunking.every(1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void itsBeginningIsAnotherCorpus() {
    Corpus whole = corpus("abcdef");

    assertThat(whole.firstTokens(2).tokens()).containsExactly(whole.tokens()[0], whole.tokens()[1]);
    assertThat(whole.firstTokens(2)).isNotEqualTo(whole).isEqualTo(corpus("abcdef").firstTokens(2));
    assertThat(whole.firstTokens(2).source()).isEqualTo(whole.source());
    assertThat(whole.firstTokens(7)).isSameAs(whole);
    assertThatThrownBy(() -> whole.firstTokens(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void textTokenizerAndLengthMakeItsIdentity() {
    assertThat(corpus("abc"))
        .isEqualTo(Corpus.of("another name", "abc", tokenizer))
        .hasSameHashCodeAs(Corpus.of("another name", "abc", tokenizer))
        .isNotEqualTo(corpus("abd"))
        .isNotEqualTo(Corpus.of("text", "abc", Tokenizer.r50kPrefix(257)));
  }

  @Test
  void itsTokensCannotBeChangedFromOutside() {
    Corpus corpus = corpus("abc");
    corpus.tokens()[0] = 7;
    corpus.chunks(Chunking.every(2)).all().get(0).tokens()[0] = 7;

    assertThat(tokenizer.decode(corpus.tokens())).isEqualTo("abc");
  }

  @Test
  void theEmbeddedCorpusIsTakenAsItStands() throws IOException {
    String text = Files.readString(Path.of("golden", "corpus", "embedded.txt"));
    Tokenizer prefix = Tokenizer.r50kPrefix(4096);
    Corpus corpus = Corpus.of("embedded", text, prefix);

    assertThat(prefix.decode(corpus.tokens())).isEqualTo(text);
    assertThat(corpus.chunks(Chunking.every(128)).all()).isNotEmpty();
  }

  private Corpus corpus(String text) {
    return Corpus.of("text", text, tokenizer);
  }

  @Test
  void aTokenMayStandBeforeEachChunk() {
    Chunks plain = new Chunks("text", 3, List.of(new Chunk(0, new int[] {5, 6, 7})));

    Chunks begun = plain.after(9);

    assertThat(begun.all().get(0).tokens()).containsExactly(9, 5, 6);
    assertThat(begun.length()).isEqualTo(3);
    assertThat(begun.corpus()).as("another text to the laboratory").isNotEqualTo("text");
  }
}
