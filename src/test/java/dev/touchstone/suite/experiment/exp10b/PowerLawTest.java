package dev.touchstone.suite.experiment.exp10b;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PowerLawTest {
  @Test
  void recoversAnExactLaw() {
    List<Double> values =
        IntStream.rangeClosed(1, 144).mapToObj(rank -> 2.35 * Math.pow(rank, -1.37)).toList();

    PowerLaw law = PowerLaw.fit(values);

    assertThat(law.coefficient()).isCloseTo(2.35, within(1e-6));
    assertThat(law.exponent()).isCloseTo(1.37, within(1e-6));
  }

  /** The expected numbers are those of SciPy 1.17.1's curve_fit, same start and bounds. */
  @Test
  void fitsInLinearSpaceWhereTheLargestValuesDecide() {
    PowerLaw law = PowerLaw.fit(List.of(10.0, 2.5, 2.0, 1.0, 0.1, 0.0));

    assertThat(law.coefficient()).isCloseTo(9.96873441, within(1e-5));
    assertThat(law.exponent()).isCloseTo(1.79701653, within(1e-5));
  }

  @Test
  void staysWithinTheBoundsOfTheReportsFit() {
    List<Double> flat = DoubleStream.of(1, 1, 1, 1).boxed().toList();
    List<Double> steep = List.of(1.0, 1e-9, 1e-9);

    assertThat(PowerLaw.fit(flat).exponent()).isBetween(0.01, 0.011);
    assertThat(PowerLaw.fit(steep).exponent()).isCloseTo(5, within(1e-6));
  }

  @Test
  void needsTwoValuesAboveZero() {
    assertThatThrownBy(() -> PowerLaw.fit(List.of(1.0, 0.0, -1.0)))
        .hasMessage("a power law needs two values above 0");
  }
}
