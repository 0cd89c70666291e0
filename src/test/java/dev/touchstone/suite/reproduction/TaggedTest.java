package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaggedTest {
  @ParameterizedTest
  @CsvSource({
    "'', '', true",
    "exp06, '', true",
    "'exp07,exp06', '', true",
    "exp07 | exp06, '', true",
    "exp07, '', false",
    "'', exp06, false",
    "'', 'sensitivity,figures', true",
    "exp06, 'figures|exp06', false",
    "!exp06, '', true"
  })
  void knowsWhetherExp06IsAskedFor(String groups, String excluded, boolean asked) {
    assertThat(new Tagged(groups, excluded).test("exp06")).isEqualTo(asked);
  }
}
