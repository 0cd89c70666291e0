package dev.touchstone.suite.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.touchstone.suite.verdict.HeadScores.Scored;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeadScoresTest {
  private final HeadScores scores =
      new HeadScores(
          List.of(
              new Scored("L0H0", 0.25),
              new Scored("L0H1", 0.75),
              new Scored("L1H0", 0.5),
              new Scored("L1H1", 0.75)));

  @Test
  void ranksHeadsThatScoreAlikeByLayerAndIndex() {
    assertThat(scores.highest(3)).extracting(Scored::head).containsExactly("L0H1", "L1H1", "L1H0");
    assertThat(scores.highest(9)).hasSize(4);
  }

  @Test
  void countsThoseThatReachABound() {
    assertThat(scores.atLeast(0.5)).isEqualTo(3);
    assertThat(scores.atLeast(0.8)).isZero();
  }
}
