package dev.touchstone.measurement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InductionTest {
  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void free() {
    manager.close();
  }

  @Test
  void saysTheSameTokensTwice() {
    // numpy.random.RandomState(7).random_sample(5) * 4096, cut off.
    assertThat(Induction.sequence(4096, 5, 7))
        .containsExactly(312, 3194, 1795, 2963, 4005, 312, 3194, 1795, 2963, 4005);
  }

  @Test
  void drawsFromTheWholeVocabulary() {
    assertThat(Induction.sequence(3, 50, 1)).containsOnly(0, 1, 2);
  }

  @Test
  void averagesWhatGoesToTheTokenAfterTheFirstTime() {
    float[] weights = new float[2 * 4 * 4];
    // Head 0 at its third and fourth query: the keys after their own tokens' first time.
    weights[2 * 4 + 1] = 0.75f;
    weights[3 * 4 + 2] = 0.25f;
    // Head 1 looks at the tokens themselves, and where they stood before.
    for (int query = 0; query < 4; query++) {
      weights[16 + query * 4 + query] = 0.5f;
      weights[16 + query * 4 + query % 2] += 0.5f;
    }
    assertThat(Induction.scores(manager.create(weights, new Shape(2, 4, 4))))
        .containsExactly(0.5, 0);
  }

  @Test
  void refusesWhatIsNotSaidTwice() {
    for (int positions : new int[] {2, 5}) {
      assertThatThrownBy(() -> Induction.scores(manager.ones(new Shape(1, positions, positions))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("a sequence of %d tokens is nothing said twice", positions);
    }
  }
}
