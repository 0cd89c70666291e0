package dev.touchstone.decomposition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Worked out by hand: component 0 reads (1, 2) and writes (1, 0, 1), component 1 (3, 4) and (0, 5,
 * 0).
 */
class LinearComponentsTest {
  private final NDManager manager = NDManager.newBaseManager();
  private final LinearComponents parts =
      new LinearComponents(
          manager.create(new float[] {1, 3, 2, 4}, new Shape(2, 2)),
          manager.create(new float[] {1, 0, 1, 0, 5, 0}, new Shape(2, 3)));
  private final NDArray input = manager.create(new float[] {10, 1}, new Shape(1, 2));

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void readsAndWrites() {
    assertThat(parts.count()).isEqualTo(2);
    assertThat(parts.activations(input).toFloatArray()).containsExactly(12, 34);
    NDArray half = manager.create(new float[] {1, 0.5f}, new Shape(1, 2));
    assertThat(parts.apply(input, half).toFloatArray()).containsExactly(12, 85, 12);
  }

  @Test
  void addsUpToAWeight() {
    assertThat(parts.weight().getShape()).isEqualTo(new Shape(3, 2));
    assertThat(parts.weight().toFloatArray()).containsExactly(1, 2, 15, 20, 1, 2);
  }

  @ParameterizedTest
  @CsvSource({"'2,2,1', '2,3'", "'2,2', '2,3,1'", "'2,2', '3,2'"})
  void refusesWhatDoesNotFit(String v, String u) {
    assertThatThrownBy(() -> new LinearComponents(manager.ones(shape(v)), manager.ones(shape(u))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("are no components: V is [d_in, C], U is [C, d_out]");
  }

  private static Shape shape(String axes) {
    return new Shape(Arrays.stream(axes.split(",")).mapToLong(Long::parseLong).toArray());
  }
}
