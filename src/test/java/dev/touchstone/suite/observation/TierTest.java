package dev.touchstone.suite.observation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TierTest {
  private final String given = System.getProperty("touchstone.tier");

  @AfterEach
  void restore() {
    if (given == null) {
      System.clearProperty("touchstone.tier");
    } else {
      System.setProperty("touchstone.tier", given);
    }
  }

  @ParameterizedTest
  @EnumSource
  void isAskedForByItsWord(Tier tier) {
    System.setProperty("touchstone.tier", tier.word());

    assertThat(Tier.asked()).isEqualTo(tier);
  }

  @Test
  void isNoneUnlessAskedFor() {
    System.clearProperty("touchstone.tier");

    assertThat(Tier.asked()).isEqualTo(Tier.NONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"foo", "2K", ""})
  void isNoOther(String word) {
    System.setProperty("touchstone.tier", word);

    assertThatThrownBy(Tier::asked)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("touchstone.tier is \"" + word + "\"; it can be none, 2k, full");
  }
}
