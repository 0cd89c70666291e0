package dev.touchstone.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.touchstone.Seeds;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JavaRandomTest {
  private static final int DRAWS = 1000;
  private static final long SEED = Seeds.seed("JavaRandomTest");

  private static int[] drawn(int bound) {
    JavaRandom random = new JavaRandom(SEED);
    return IntStream.range(0, DRAWS).map(draw -> random.below(bound)).toArray();
  }

  /** Of the largest bound a quarter of the numbers is drawn again. */
  @ParameterizedTest
  @ValueSource(ints = {3, 7, 45, 366, 3 << 29})
  void drawsWhatJavaDraws(int bound) {
    assertThat(drawn(bound))
        .as(Seeds.say(SEED))
        .isEqualTo(new Random(SEED).ints(DRAWS, 0, bound).toArray());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 16, 1 << 30})
  void takesTheLowestBitsBelowAPowerOfTwo(int bound) {
    assertThat(drawn(bound))
        .as(Seeds.say(SEED))
        .isEqualTo(new Random(SEED).ints(DRAWS).map(number -> number & bound - 1).toArray());
  }
}
