package dev.touchstone.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.model.Decoding.Sampling;
import java.util.Arrays;
import org.apache.commons.math3.stat.inference.ChiSquareTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecodingTest {
  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void free() {
    manager.close();
  }

  @Test
  void takesTheFirstOfEquallyLikelyTokens() {
    NDArray logits = manager.create(new float[] {1, 3, 3, 0, 2, 0, 0, 2}, new Shape(2, 4));

    assertThat(Decoding.GREEDY.forSequences(2).next(logits)).containsExactly(1, 0);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.8, 1, 2})
  void drawsAsOftenAsTheTemperedProbabilitiesSay(double temperature) {
    float[] logits = {0.3f, -1, 2, 1.1f, Float.NEGATIVE_INFINITY};
    int draws = 20_000;
    NDArray batch = manager.create(logits, new Shape(1, 5)).repeat(0, draws);

    long[] counts = new long[5];
    for (long token : new Sampling(temperature, 3).forSequences(draws).next(batch)) {
      counts[(int) token]++;
    }

    double[] expected = new double[4];
    Arrays.setAll(expected, i -> Math.exp(logits[i] / temperature));
    assertThat(counts[4]).isZero();
    assertThat(new ChiSquareTest().chiSquareTest(expected, Arrays.copyOf(counts, 4)))
        .isGreaterThan(0.001);
  }

  @Test
  void refusesATemperatureThatDrawsNothing() {
    assertThatThrownBy(() -> new Sampling(0, 1))
        .hasMessage("a temperature of 0.0 draws nothing; give one above 0");
  }
}
