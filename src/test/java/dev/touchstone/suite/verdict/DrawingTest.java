package dev.touchstone.suite.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DrawingTest {
  private final Drawing drawing =
      new Drawing("gpt2", "a.png", "a curve", "exp1", List.of("1A", "1B"));

  @Test
  void showsThePartsItBelongsTo() {
    assertThat(drawing.shows("exp1", Optional.of("1B"))).isTrue();
    assertThat(drawing.shows("exp1", Optional.of("1C"))).isFalse();
    assertThat(drawing.shows("exp1", Optional.empty())).isFalse();
    assertThat(drawing.shows("exp2", Optional.of("1B"))).isFalse();
  }
}
