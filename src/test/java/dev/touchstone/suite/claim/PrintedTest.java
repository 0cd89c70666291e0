package dev.touchstone.suite.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.touchstone.statistics.Interval;
import dev.touchstone.suite.claim.Printed.Mark;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrintedTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1.079x   | 1.079    | TIMES   | 0.0005
          +108.9%  | 1.089    | PERCENT | 0.0005
          4,315    | 4315     | NONE    | 0.5
          ~512     | 512      | NONE    | 0.5
          -9.2%    | -0.092   | PERCENT | 0.0005
          2,048    | 2048     | NONE    | 0.5
          122x     | 122      | TIMES   | 0.5
          0.000003 | 0.000003 | NONE    | 0.0000005
          100%     | 1        | PERCENT | 0.005
          250,880  | 250880   | NONE    | 0.5
          1e-5     | 0.00001  | NONE    | 0.000005
          −0.45%   | -0.0045  | PERCENT | 0.00005
          """)
  void readsWhatReportsPrint(String text, double value, Mark mark, double halfLastDigit) {
    Printed printed = Printed.parse(text);
    assertThat(printed.text()).isEqualTo(text);
    assertThat(printed.value()).isEqualTo(value, within(1e-12));
    assertThat(printed.mark()).isEqualTo(mark);
    assertThat(printed.halfLastDigit()).isEqualTo(halfLastDigit, within(1e-12));
    assertThat(printed.rounding().low()).isEqualTo(value - halfLastDigit, within(1e-12));
    assertThat(printed.rounding().high()).isEqualTo(value + halfLastDigit, within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "1.2.3", "1,23", "12,3456", "1.5 x", "50K+", "N/A", "—", "%5"})
  void refusesWhatIsNoFigure(String text) {
    assertThatThrownBy(() -> Printed.parse(text))
        .isInstanceOf(NumberFormatException.class)
        .hasMessage("\"" + text + "\" is no figure such as 24.27, 1.079x, +108.9%, 4,315 or ~512");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1e-2147483647",
        "0e-2147483647",
        "1e2147483647",
        "1e99999999999999999999",
        "1e301",
        "1e-301",
        "0.1e-300"
      })
  void refusesWhatNothingMeasures(String text) {
    assertThatThrownBy(() -> Printed.parse(text))
        .isInstanceOf(NumberFormatException.class)
        .hasMessage(
            "\""
                + text
                + "\" is beyond what can be measured: write a figure between 1e-300 and 1e300");
  }

  @Test
  void refusesAMillionDigitsAtOnce() {
    for (String text :
        List.of(
            "1".repeat(1_000_000), "1" + ",000".repeat(250_000), "0.".repeat(9) + "1".repeat(60))) {
      assertThatThrownBy(() -> Printed.parse(text))
          .isInstanceOf(NumberFormatException.class)
          .hasMessageEndingWith(
              "is no figure: it has " + text.length() + " characters, and a figure has at most 60");
    }
  }

  @Test
  void roundingEndsAreExactDecimals() {
    assertThat(Printed.parse("6.3%").rounding()).isEqualTo(new Interval(0.0625, 0.0635));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          17.7%    | 0.17683   | 17.683%
          +1.50%   | 0.0149876 | +1.4988%
          1.079x   | 1.0787312 | 1.07873x
          82       | 82        | 82
          82       | 82.5      | 82.50
          4,315    | 4314.7    | 4314.70
          0        | 3.2e-7    | 3.20e-07
          0.000003 | 0         | 0.00000000
          """)
  void writesMeasurementsInItsManner(String text, double value, String written) {
    assertThat(Printed.parse(text).write(value)).isEqualTo(written);
  }

  @Test
  void writesDifferencesWithTheirSign() {
    assertThat(Printed.parse("17.7%").writeDifference(-0.0002)).isEqualTo("-0.020%");
    assertThat(Printed.parse("82").writeDifference(3)).isEqualTo("+3");
  }
}
