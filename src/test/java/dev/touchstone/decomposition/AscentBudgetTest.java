package dev.touchstone.decomposition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.touchstone.decomposition.AscentBudget.Start;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AscentBudgetTest {
  @ParameterizedTest
  @CsvSource({"-1, 0.5, 0", "1, -0.5, 0", "1, NaN, 0", "1, 0.5, -1"})
  void refusesToSpendLessThanNothing(int steps, float stepSize, int restarts) {
    assertThatThrownBy(() -> new AscentBudget(steps, stepSize, restarts, Start.RANDOM))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "%s steps of %s and %s restarts are no budget", steps, stepSize, restarts);
  }

  @Test
  void maySpendNothingFromAnywhere() {
    assertThat(new AscentBudget(0, 0, 0, Start.RANDOM))
        .hasToString("0 steps of 0.0, 0 restarts, from random sources");
    assertThat(new AscentBudget(0, 0, 0, Start.ONES))
        .hasToString("0 steps of 0.0, 0 restarts, from 1 as sources");
    assertThat(new AscentBudget(0, 0, 0, Start.ZEROS))
        .hasToString("0 steps of 0.0, 0 restarts, from 0 as sources");
  }

  @ParameterizedTest
  @CsvSource({"ONES, ones", "ZEROS, zeros"})
  void refusesRestartsThatWouldFindTheSame(Start start, String named) {
    assertThatThrownBy(() -> new AscentBudget(1, 0.5f, 1, start))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("restarts from %s would all find the same", named);
  }
}
