package dev.touchstone.suite.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.junit.jupiter.api.Test;

class LeakyHardSigmoidTest {
  private static final float[] X = {-2, 0, 0.25f, 1, 3};

  @Test
  void clampsBelowAndAbove() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x = manager.create(X);
      assertThat(LeakyHardSigmoid.lower(x).toFloatArray())
          .containsExactly(new float[] {0, 0, 0.25f, 1, 1}, within(0f));
      assertThat(LeakyHardSigmoid.upper(x).toFloatArray())
          .containsExactly(new float[] {0, 0, 0.25f, 1, 1.02f}, within(0f));
    }
  }

  @Test
  void leaksBelowOnlyWhereDescentWouldRaiseIt() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x = manager.create(X);
      assertThat(LeakyHardSigmoid.lowerGradient(x, manager.full(x.getShape(), -2f)).toFloatArray())
          .containsExactly(new float[] {-0.02f, -0.02f, -2, -2, 0}, within(0f));
      assertThat(LeakyHardSigmoid.lowerGradient(x, manager.full(x.getShape(), 2f)).toFloatArray())
          .containsExactly(new float[] {0, 0, 2, 2, 0}, within(0f));
    }
  }

  @Test
  void leaksAboveWhateverTheSignAndNotAtTheEnds() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x = manager.create(X);
      assertThat(LeakyHardSigmoid.upperGradient(x, manager.full(x.getShape(), 2f)).toFloatArray())
          .containsExactly(new float[] {0, 0, 2, 0, 0.02f}, within(0f));
      assertThat(LeakyHardSigmoid.upperGradient(x, manager.full(x.getShape(), -2f)).toFloatArray())
          .containsExactly(new float[] {0, 0, -2, 0, -0.02f}, within(0f));
    }
  }
}
