package dev.touchstone.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against what NumPy 1.26.4's {@code RandomState} draws, as it prints it. */
class NumpyRandomTest {
  /** After 1000 numbers the generator has made a new block of bits. */
  @ParameterizedTest(name = "seed {0}")
  @CsvSource({
    "0, 0.5488135039273248, 0.7151893663724195, 0.5928802707811576, 1, 2",
    "42, 0.3745401188473625, 0.9507143064099162, 0.18513292883861965, 78, 3",
    "2147483647, 0.3933911315501387, 0.6566618430544519, 0.5638061496263251, 141, 2"
  })
  void drawsAsNumpyDoes(
      int seed, double first, double second, double afterAThousand, int alike, int weighed) {
    NumpyRandom random = new NumpyRandom(seed);

    assertThat(random.uniform()).isEqualTo(first);
    assertThat(random.uniform()).isEqualTo(second);
    IntStream.range(2, 1000).forEach(i -> random.uniform());
    assertThat(random.uniform()).isEqualTo(afterAThousand);
    assertThat(random.choice(alike(144))).isEqualTo(alike);
    assertThat(random.choice(new double[] {0.1, 0.2, 0.3, 0.4})).isEqualTo(weighed);
  }

  @Test
  void choosesByWeight() {
    NumpyRandom random = new NumpyRandom(42);

    assertThat(IntStream.generate(() -> random.choice(alike(144))).limit(8))
        .containsExactly(53, 136, 105, 86, 22, 22, 8, 124);
    assertThat(IntStream.generate(() -> random.choice(new double[] {0.1, 0, 0.5, 0.4})).limit(8))
        .containsExactly(3, 3, 0, 3, 3, 2, 2, 2);
    assertThat(random.choice(new double[3])).isZero();
  }

  @Test
  void refusesANegativeSeedAsNumpyDoes() {
    assertThatThrownBy(() -> new NumpyRandom(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("NumPy takes no negative seed such as -1; choose one from 0");
  }

  private static double[] alike(int count) {
    double[] weights = new double[count];
    Arrays.fill(weights, 1.0 / count);
    return weights;
  }
}
