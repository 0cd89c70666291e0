package dev.touchstone.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class LossSumTest {
  @Test
  void addsUpChunks() {
    assertThat(LossSum.total(List.of(new LossSum(3, 2), new LossSum(1, 2))))
        .isEqualTo(new LossSum(4, 4));
    assertThat(new LossSum(4, 4).perplexity()).isEqualTo(Math.E);
  }

  @Test
  void nothingHasNoPerplexity() {
    assertThatThrownBy(() -> LossSum.total(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there are no losses to sum: no chunk was measured");
    assertThatThrownBy(() -> LossSum.of(new double[0]).perplexity())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no token was predicted, so there is no perplexity");
  }
}
