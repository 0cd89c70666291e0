package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AgreementTest {
  private final Agreement agreement = new Agreement("a file");

  @Test
  void isOfPairsThatAreNearEnough() {
    agreement.relative("perplexity", 1e-3).compare("baseline", 1000.9, 1000);
    agreement.absolute("share", 1e-3).compare(Map.of("first", 0.5), name -> 0.5009);
    agreement.exact("heads").compare("harmful", 3, 3);
    assertThatCode(agreement::settle).doesNotThrowAnyException();
  }

  @Test
  void showsThePairThatIsFurthestApartOfEveryGroup() {
    agreement
        .relative("perplexity", 1e-4)
        .compare("L0H8", 24.2701, 24.27)
        .compare("L1H1", 24.28, 24.27)
        .compare("L2H2", 24.27, 24.27);
    agreement.exact("heads").compare("harmful", 3, 3);
    assertThat(agreement.table())
        .contains(
            "Held against a file.",
            "| perplexity | 3 | 0.00041 | 1e-04 relative | L1H1 | 24.28000000 | 24.27000000 |",
            "| heads | 1 | 0.0 | 0 | harmful | 3.000000000 | 3.000000000 |");
    assertThatThrownBy(agreement::settle)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("| perplexity | 3 |");
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void whatIsNoNumberAgreesWithNothingWhateverComesAfter(double ours) {
    agreement.absolute("share", 1).compare("one", ours, 0.5).compare("two", 0.5, 0.5);
    assertThatThrownBy(agreement::settle).hasMessageContaining("| one |");
  }

  @Test
  void aZeroAgreesWithAZeroAndNothingElseDoes() {
    agreement.relative("change", 1e-3).compare("none", 0, 0);
    assertThatCode(agreement::settle).doesNotThrowAnyException();
    agreement.relative("change", 1e-3).compare("some", 1e-9, 0);
    assertThat(agreement.table()).contains("| change | 2 |");
    assertThatThrownBy(agreement::settle).hasMessageContaining("| some |");
  }

  @Test
  void needsSomethingToCompare() {
    assertThatThrownBy(agreement::settle).hasMessage("Nothing was compared with a file");
    agreement.exact("heads").compare("harmful", 3, 3);
    agreement.relative("perplexity", 1e-4).compare(Map.of(), name -> 1);
    assertThatThrownBy(agreement::settle).hasMessageContaining("| perplexity | 0 |");
  }

  @Test
  void arraysMustBeAsLong() {
    assertThatThrownBy(
            () -> agreement.absolute("logits", 1).compare("logit", new float[2], new float[3]))
        .hasMessage("logit: 2 figures here, 3 there");
  }
}
