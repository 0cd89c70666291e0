package dev.touchstone.decomposition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SpectrumTest {
  private final Spectrum spectrum = new Spectrum(new double[] {5, 3, 2});

  @Test
  void hasSharesOfTheWhole() {
    assertThat(spectrum.share(1)).isEqualTo(0.5);
    assertThat(spectrum.share(3)).isEqualTo(0.2);
    assertThat(spectrum.cumulativeShare(0)).isZero();
    assertThat(spectrum.cumulativeShare(2)).isEqualTo(0.8);
    assertThat(spectrum.cumulativeShare(3)).isEqualTo(1);
  }

  @Test
  void countsComponentsForAShare() {
    assertThat(spectrum.componentsFor(0.5)).isEqualTo(1);
    assertThat(spectrum.componentsFor(0.51)).isEqualTo(2);
    assertThat(spectrum.componentsFor(1)).isEqualTo(3);
    assertThat(spectrum.componentsFor(2)).as("more than there is").isEqualTo(3);
  }

  @Test
  void refusesMoreComponentsThanThereAre() {
    assertThatThrownBy(() -> spectrum.cumulativeShare(4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there are only 3 components, not 4");
  }

  /** Four points on two perpendicular axes through (1, 2), three and one away. */
  @Test
  void isThatOfRowsAboutTheirMean() {
    double[][] rows = {{4, 2}, {-2, 2}, {1, 3}, {1, 1}};

    assertThat(Spectrum.of(rows).variances())
        .containsExactly(new double[] {6, 2.0 / 3}, within(1e-12));
  }
}
