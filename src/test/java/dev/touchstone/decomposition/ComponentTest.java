package dev.touchstone.decomposition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ComponentTest {
  @Test
  void readsWhatItPrints() {
    assertThat(Component.parse("h.0.attn.q_proj:3"))
        .isEqualTo(new Component("h.0.attn.q_proj", 3))
        .hasToString("h.0.attn.q_proj:3");
  }

  @Test
  void readsLists() {
    assertThat(Component.parseAll("h.0.attn.q_proj:3, h.1.mlp.c_fc:70"))
        .containsExactly(new Component("h.0.attn.q_proj", 3), new Component("h.1.mlp.c_fc", 70));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "h.0.attn.q_proj", "h.0.attn.q_proj:", ":3", "q:-1", "L0H3"})
  void refusesWhatIsNone(String text) {
    assertThatThrownBy(() -> Component.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("h.0.attn.q_proj:3");
  }
}
