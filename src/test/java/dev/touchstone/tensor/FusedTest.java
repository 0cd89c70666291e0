package dev.touchstone.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.Seeds;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Against the definitions, in double precision. */
class FusedTest {
  private final NDManager manager = NDManager.newBaseManager();
  private final SeededArrays arrays = new SeededArrays(Seeds.seed("FusedTest"));

  @AfterEach
  void free() {
    manager.close();
  }

  private NDArray normal(double scale, long... shape) {
    return arrays.normal(manager, new Shape(shape), scale);
  }

  @Test
  void isGeluInItsTanhForm() {
    NDArray x = normal(3, 500);
    float[] given = x.toFloatArray();
    float[] fused = Fused.gelu(x).toFloatArray();
    for (int i = 0; i < given.length; i++) {
      double u = Math.sqrt(2 / Math.PI) * (given[i] + 0.044715 * Math.pow(given[i], 3));
      assertThat((double) fused[i]).isCloseTo(given[i] * (1 + Math.tanh(u)) / 2, within(1e-6));
    }
    assertThat(x.toFloatArray()).isEqualTo(given);
  }

  @Test
  void attendsToThePastOnly() {
    int positions = 70;
    int width = 5;
    float[] query = normal(2, 1, 2, positions, width).toFloatArray();
    float[] key = normal(2, 1, 2, positions, width).toFloatArray();
    float[] value = normal(2, 1, 2, positions, width).toFloatArray();
    Shape shape = new Shape(1, 2, positions, width);
    float[] fused =
        Fused.causalAttention(
                manager.create(query, shape),
                manager.create(key, shape),
                manager.create(value, shape))
            .toFloatArray();
    for (int head = 0; head < 2; head++) {
      for (int at = 0; at < positions; at++) {
        int row = (head * positions + at) * width;
        double[] weights = new double[at + 1];
        double sum = 0;
        for (int past = 0; past <= at; past++) {
          double score = 0;
          for (int i = 0; i < width; i++) {
            score += query[row + i] * key[(head * positions + past) * width + i];
          }
          weights[past] = Math.exp(score / Math.sqrt(width));
          sum += weights[past];
        }
        for (int i = 0; i < width; i++) {
          double expected = 0;
          for (int past = 0; past <= at; past++) {
            expected += weights[past] / sum * value[(head * positions + past) * width + i];
          }
          assertThat((double) fused[row + i]).isCloseTo(expected, within(1e-5));
        }
      }
    }
  }

  /** As many rows and columns as let PyTorch share them among threads and go by vectors. */
  @Test
  void takesTheLogSoftmaxOfARowWhereItStands() {
    int rows = 40;
    int classes = 5003;
    NDArray x = normal(8, rows, classes);
    NDArray given = x.duplicate();
    NDArray logs = Fused.logSoftmax(x);
    float[] raw = given.toFloatArray();
    float[] fused = logs.toFloatArray();
    for (int row = 0; row < rows; row++) {
      double sum = 0;
      for (int i = 0; i < classes; i++) {
        sum += Math.exp(raw[row * classes + i]);
      }
      for (int i = 0; i < classes; i++) {
        assertThat((double) fused[row * classes + i])
            .isCloseTo(raw[row * classes + i] - Math.log(sum), within(2e-5));
      }
    }
  }

  @Test
  void addsABiasToAProduct() {
    NDArray rows = normal(1, 7, 20);
    NDArray weight = normal(1, 33, 20).transpose();
    NDArray bias = normal(1, 33);
    NDArray into = manager.zeros(new Shape(7, 33));
    float[] expected = rows.matMul(weight).add(bias).toFloatArray();

    assertThat(Fused.linear(rows, weight, bias, into).toFloatArray())
        .usingComparatorWithPrecision(1e-5f)
        .containsExactly(expected);
    assertThat(into.toFloatArray()).usingComparatorWithPrecision(1e-5f).containsExactly(expected);
  }
}
