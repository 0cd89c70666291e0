package dev.touchstone.suite.experiment.exp10b;

import static org.assertj.core.api.Assertions.assertThat;

import dev.touchstone.suite.observation.Observation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoundingTest {
  /** What Python's {@code round(value, decimals)} gives: 1.00005 as a double lies above the tie. */
  @ParameterizedTest(name = "{0} to {1} decimals")
  @CsvSource({
    "1.00005, 4, 1.0001",
    "0.00015, 4, 0.0001",
    "0.5, 0, 0.0",
    "1.5, 0, 2.0",
    "0.0625, 3, 0.062",
    "-0.0000004, 6, 0.0",
    "-22.6721, 1, -22.7",
    "Infinity, 4, Infinity"
  })
  void roundsAsPythonDoes(double value, int decimals, double rounded) {
    assertThat(Rounding.STORED.to(decimals, value)).isEqualTo(rounded);
    assertThat(Rounding.UNROUNDED.to(decimals, value)).isEqualTo(value);
  }

  /** The baseline is stored as 60.2661, so that this change is 2.16e-6 of it, or 2.82e-6. */
  @Test
  void dividesByTheStoredBaselineWhereItWasNotMeasuredJustBefore() {
    double baseline = 60.26614;
    double perplexity = 60.26627;

    assertThat(HeadChange.ZERO.delta(Rounding.STORED, perplexity, baseline)).isEqualTo(2e-6);
    assertThat(HeadChange.MEAN.delta(Rounding.STORED, perplexity, baseline)).isEqualTo(3e-6);
    assertThat(HeadChange.MEAN.delta(Rounding.UNROUNDED, perplexity, baseline))
        .isEqualTo(HeadChange.ZERO.delta(Rounding.UNROUNDED, perplexity, baseline));
  }

  @Test
  void showsTheUnroundedFigureBesideTheStored() {
    assertThat(Rounding.observed(kept -> kept.ratio(1.10004, 1)))
        .isEqualTo(Observation.stored(1.1, 1.10004));
  }
}
