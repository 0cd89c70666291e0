package dev.touchstone.suite.experiment.exp10d;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class AttentionFlopsTest {
  private final AttentionFlops small = new AttentionFlops(2, 4);

  @Test
  void countsSoftmaxAndKernelHeads() {
    // n = 10, d = 4: softmax 4*100*4 + 5*100 = 2100, kernel 6*10*16 = 960.
    assertThat(small.speedUp(0, 10)).isEqualTo(1);
    assertThat(small.speedUp(1, 10)).isCloseTo(4200.0 / 3060, within(1e-12));
    assertThat(small.kernelHead(10)).isEqualTo(960);
    assertThat(small.speedUp(2, 10)).isCloseTo(2100.0 / 960, within(1e-12));
  }

  @Test
  void turnsWhatIsSavedIntoTokens() {
    // s = 8 + 4/2 = 10: softmax 4*10*4 + 5*10 = 210, kernel 6*16 = 96; one of two: 306/420.
    assertThat(small.perTokenRatio(1, 10)).isCloseTo(306.0 / 420, within(1e-12));
    assertThat(small.extraTokens(1, 8, 4)).isEqualTo(1);
  }
}
