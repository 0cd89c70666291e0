package dev.touchstone.intervention;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class MaterialTest {
  private static final HeadMeans MEANS = new HeadMeans(2, List.of(new float[4], new float[4]));

  /** Floats and tokens have four bytes each. */
  @Test
  void saysHowManyBytesItsNumbersTake() {
    assertThat(MEANS.bytes()).isEqualTo(32);
    assertThat(new TokenMeans(new int[3], List.of(new float[12], new float[12]), MEANS).bytes())
        .isEqualTo(4 * 3 + 96 + 32);
    assertThat(new QueryChange(1, 2, List.of(new float[5], new float[5])).bytes()).isEqualTo(40);
    assertThat(new MeanPatterns(2, List.of(new float[4])).bytes()).isEqualTo(16);
    assertThat(new WriteBasis(List.of(new float[3]), List.of(new float[6])).bytes()).isEqualTo(36);
  }

  /** A sequence and the one whose outputs it is given. */
  @Test
  void countsBothSequencesOfADonor() {
    assertThat(Donors.drawn(List.of(new int[] {1, 2, 3}, new int[] {4, 5, 6}), 1).bytes())
        .isEqualTo(2 * 2 * 4 * 3);
  }

  @Test
  void knowsOutputsByTheirNumbers() {
    try (NDManager manager = NDManager.newBaseManager()) {
      Shape shape = new Shape(1, 2, 1, 3);
      HeadOutputs zeros = new HeadOutputs(List.of(manager.zeros(shape)));
      HeadOutputs ones = new HeadOutputs(List.of(manager.ones(shape)));

      assertThat(zeros.bytes()).isEqualTo(24);
      assertThat(zeros.fingerprint()).matches("[0-9a-f]+").isNotEqualTo(ones.fingerprint());
    }
  }

  /** The token of the first row too. */
  @Test
  void givesATokenItsOwnMean() {
    try (NDManager manager = NDManager.newBaseManager()) {
      TokenMeans means =
          new TokenMeans(
              new int[] {5, 7},
              List.of(new float[] {1, 2}),
              new HeadMeans(1, List.of(new float[] {9})));

      HeadOutputs given = means.over(List.of(new int[] {7, 5, 6}), manager);

      assertThat(given.byLayer().get(0).toFloatArray()).containsExactly(2, 1, 9);
    }
  }

  @Test
  void isNamedByWhatNeedsIt() {
    assertThat(Intervention.parse("tokenmean[text](L0H1)").materials()).containsExactly("text");
    assertThat(Intervention.parse("pattern[text](L0H1)").materials()).containsExactly("text");
  }
}
