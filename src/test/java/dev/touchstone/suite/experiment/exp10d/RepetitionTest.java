package dev.touchstone.suite.experiment.exp10d;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RepetitionTest {
  private final Repetition loop = new Repetition(new int[] {7, 1, 2, 3, 1, 2, 3, 1, 2, 3});
  private final Repetition fresh = new Repetition(new int[] {1, 2, 3, 4, 5});

  @Test
  void countsDifferentRuns() {
    // 7, 1, 2, 3 of ten; 71, 12, 23, 31 of nine; 7123, 1231, 2312, 3123 of seven.
    assertThat(loop.distinct(1)).isEqualTo(4.0 / 10);
    assertThat(loop.distinct(2)).isEqualTo(4.0 / 9);
    assertThat(loop.distinct(4)).isEqualTo(4.0 / 7);
    assertThat(loop.repeated(4)).isCloseTo(3.0 / 7, within(1e-12));
    assertThat(fresh.distinct(2)).isEqualTo(1);
    assertThat(fresh.repeated(4)).isZero();
  }

  @Test
  void hasNoRunLongerThanTheText() {
    assertThatThrownBy(() -> fresh.distinct(6)).hasMessage("a text of 5 tokens has no run of 6");
  }
}
