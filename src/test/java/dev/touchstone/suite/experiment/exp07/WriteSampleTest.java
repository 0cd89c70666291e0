package dev.touchstone.suite.experiment.exp07;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.touchstone.corpus.Chunk;
import dev.touchstone.corpus.Chunks;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WriteSampleTest {
  private static Chunks chunks(int count, int length) {
    return new Chunks(
        "any",
        length,
        IntStream.range(0, count).mapToObj(i -> new Chunk(i * length, new int[length])).toList());
  }

  @Test
  void takesTheFirstPositionsWithAndWithoutTheFirstOfEachChunk() {
    Chunks chunks = chunks(20, 128);

    assertThat(WriteSample.FIRST.positions(chunks)).hasSize(1000).startsWith(0, 1).endsWith(999);
    assertThat(WriteSample.FIRST_WITHOUT_0.positions(chunks))
        .hasSize(992)
        .startsWith(1, 2)
        .doesNotContain(0, 128, 896)
        .endsWith(999);
  }

  @Test
  void spreadsPositionsEvenlyOverAllChunks() {
    Chunks chunks = chunks(20, 128);

    int[] spread = WriteSample.SPREAD.positions(chunks);
    int[] later = WriteSample.SPREAD_WITHOUT_0.positions(chunks);

    assertThat(spread).hasSize(1000).startsWith(0, 2, 5).endsWith(2557).doesNotHaveDuplicates();
    assertThat(later).hasSize(1000).doesNotHaveDuplicates().isSorted();
    assertThat(IntStream.of(later).filter(position -> position % 128 == 0).count()).isZero();
    assertThat(IntStream.of(later).map(position -> position / 128).distinct().count())
        .isEqualTo(20);
  }

  @Test
  void saysWhenTheTextIsTooShort() {
    assertThatThrownBy(() -> WriteSample.FIRST.positions(chunks(7, 128)))
        .hasMessage("the test text has only 896 of the 1000 positions");
  }

  @ParameterizedTest
  @CsvSource({
    "8, 144, 8",
    "8-of-768, 144, 2",
    "16-of-768, 144, 3",
    "1-of-768, 144, 1",
    "512-of-768, 768, 512"
  })
  void keepsComponentsAbsolutelyAndScaled(String text, int width, int kept) {
    assertThat(ComponentCount.of(text, width)).isEqualTo(kept);
  }
}
