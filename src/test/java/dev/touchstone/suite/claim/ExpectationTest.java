package dev.touchstone.suite.claim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.touchstone.suite.observation.Observation;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpectationTest {
  @ParameterizedTest(name = "{0}: {1}, {2}")
  @CsvSource({
    "1.100x, 1.1, 1.10004, true, 1.10000x (unrounded 1.10004x)",
    "1.1x, 1.1, 1.10004, true, 1.100x",
    "1.100x, 1.1006, 1.1004, false, 1.10060x (unrounded 1.10040x)"
  })
  void judgesTheStoredFigureAndShowsTheUnroundedWhereItIsWrittenOtherwise(
      String printed, double stored, double unrounded, boolean holds, String measured) {
    Assessment assessment =
        new Expectation.Value(Printed.parse(printed))
            .compare(
                Observation.stored(stored, unrounded),
                new Yardstick(Unit.RATIO, Optional.empty(), 1e-5));

    assertThat(assessment.holds()).isEqualTo(holds);
    assertThat(assessment.measured()).isEqualTo(measured);
  }
}
