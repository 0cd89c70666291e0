package dev.touchstone.laboratory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.touchstone.intervention.Intervention;
import dev.touchstone.model.Gpt2Config;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** GPT-2 small over a chunk of 1024 tokens: 17.7 GFLOP a block, 79 for the logits. */
class WorkTest {
  private static final Gpt2Config GPT2 = new Gpt2Config(12, 12, 768, 3072, 1024, 50257);

  @ParameterizedTest
  @CsvSource({
    "baseline, 12",
    "zero(L0H3), 12",
    "mean(L5H0), 7",
    "zero(L11H1), 1",
    "relu(L9H1)+zero(L4H2), 8"
  })
  void countsTheBlocksFromTheFirstThatChanges(String intervention, int blocks) {
    Work work = Work.ofLosses(GPT2, Intervention.parse(intervention), 2, 1024);

    assertThat(work.passes()).isEqualTo(2);
    assertThat(work.gflop()).isCloseTo(2 * (17.7 * blocks + 79), within(2 * 0.1 * blocks));
  }
}
