package dev.touchstone.decomposition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.touchstone.Seeds;
import java.util.Random;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PcaTest {
  private static double[][] random(int n, int p) {
    Random random = new Random(Seeds.seed("PcaTest"));
    double[][] rows = new double[n][p];
    for (double[] row : rows) {
      for (int i = 0; i < p; i++) {
        row[i] = 3 + (i + 1) * random.nextGaussian();
      }
    }
    return rows;
  }

  @Test
  void findsTheAxesOfAKnownCloud() {
    // Four points on two perpendicular axes through (1, 2), three and one away.
    double[][] rows = {{4, 2}, {-2, 2}, {1, 3}, {1, 1}};

    Pca pca = Pca.of(rows);

    assertThat(pca.mean()).containsExactly(1, 2);
    assertThat(pca.spectrum().variances())
        .containsExactly(new double[] {6, 2.0 / 3}, within(1e-12));
    assertThat(pca.components()[0]).containsExactly(new double[] {1, 0}, within(1e-12));
    assertThat(pca.spectrum().share(1)).isCloseTo(0.9, within(1e-12));
    assertThat(pca.spectrum().componentsFor(0.89)).isEqualTo(1);
    assertThat(pca.spectrum().componentsFor(0.91)).isEqualTo(2);
  }

  @Test
  void rebuildsARowOfItsFirstComponent() {
    Pca pca = Pca.of(new double[][] {{4, 2}, {-2, 2}, {1, 3}, {1, 1}});

    assertThat(pca.coefficients(new double[] {3, 7}, 2))
        .containsExactly(new double[] {2, 5}, within(1e-12));
    assertThat(pca.reconstruction(new double[] {3, 7}, 1))
        .containsExactly(new double[] {3, 2}, within(1e-12));
    assertThatThrownBy(() -> pca.coefficients(new double[] {3, 7}, 3))
        .hasMessage("there are only 2 components, not 3");
  }

  /** As many rows as numbers in each, less their mean on one line. */
  @Test
  void hasNoComponentWhereThereIsNoVariance() {
    Pca pca = Pca.of(new double[][] {{1, -1}, {-1, 1}});

    double half = Math.sqrt(0.5);
    assertThat(pca.spectrum().variances()).containsExactly(new double[] {4, 0}, within(1e-12));
    // Of two entries of one magnitude the first is positive.
    assertThat(pca.components()[0]).containsExactly(new double[] {half, -half}, within(1e-12));
    assertThat(pca.components()[1]).containsExactly(0, 0);
  }

  @ParameterizedTest
  @CsvSource({"9, 30", "30, 9", "12, 12"})
  void holdsTheWholeVarianceAndRebuildsEveryRow(int n, int p) {
    double[][] rows = random(n, p);

    Pca pca = Pca.of(rows);

    double trace = 0;
    for (double[] row : rows) {
      for (int i = 0; i < p; i++) {
        trace += Math.pow(row[i] - pca.mean()[i], 2) / (n - 1);
      }
    }
    double sum = 0;
    for (double variance : pca.spectrum().variances()) {
      sum += variance;
    }
    assertThat(sum).isCloseTo(trace, within(1e-9 * trace));
    int all = pca.spectrum().variances().length;
    assertThat(pca.spectrum().cumulativeShare(all)).isCloseTo(1, within(1e-12));
    for (double[] row : rows) {
      assertThat(pca.reconstruction(row, all)).containsExactly(row, within(1e-9));
    }
  }

  @ParameterizedTest
  @CsvSource({"9, 30", "30, 9"})
  void givesOrthonormalComponentsOfDescendingVarianceAndSettledSign(int n, int p) {
    Pca pca = Pca.of(random(n, p));

    int rank = Math.min(n - 1, p);
    var components = new Array2DRowRealMatrix(pca.components()).getSubMatrix(0, rank - 1, 0, p - 1);
    var product = components.multiply(components.transpose());
    for (int i = 0; i < rank; i++) {
      for (int j = 0; j < rank; j++) {
        assertThat(product.getEntry(i, j)).isCloseTo(i == j ? 1 : 0, within(1e-9));
      }
      double extreme = 0;
      for (double value : pca.components()[i]) {
        extreme = Math.abs(value) > Math.abs(extreme) ? value : extreme;
      }
      assertThat(extreme).isPositive();
    }
    assertThat(pca.spectrum().variances()).isSortedAccordingTo((a, b) -> Double.compare(b, a));
  }
}
