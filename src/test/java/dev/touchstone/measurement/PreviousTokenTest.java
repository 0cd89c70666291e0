package dev.touchstone.measurement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PreviousTokenTest {
  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void free() {
    manager.close();
  }

  @Test
  void averagesOverThePositionsThatHaveATokenBefore() {
    float[] weights = {1, 0, 0, 0.25f, 0.75f, 0, 0.1f, 0.5f, 0.4f, 1, 0, 0, 1, 0, 0, 0, 1, 0};
    assertThat(PreviousToken.scores(manager.create(weights, new Shape(2, 3, 3))))
        .containsExactly(0.375, 1);
  }

  @Test
  void takesASequenceOfTwoTokens() {
    float[] weights = {1, 0, 0.25f, 0.75f};
    assertThat(PreviousToken.scores(manager.create(weights, new Shape(1, 2, 2))))
        .containsExactly(0.25);
  }

  @Test
  void refusesASequenceOfOneToken() {
    assertThatThrownBy(() -> PreviousToken.scores(manager.ones(new Shape(2, 1, 1))))
        .hasMessageStartingWith("a sequence of 1 tokens has no previous token");
  }
}
