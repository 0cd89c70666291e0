package dev.touchstone.decomposition;

/**
 * Mean-centred principal component analysis in float64.
 *
 * @param mean [p], the rows' mean
 * @param components orthonormal, the one of largest variance first; each has its entry of largest
 *     magnitude positive, so that the sign does not hang on the solver; zeros where there is no
 *     variance
 * @param spectrum the variances along them
 * @see <a href="https://doi.org/10.1098/rsta.2015.0202">Jolliffe and Cadima 2016</a>
 */
public record Pca(double[] mean, double[][] components, Spectrum spectrum) {
  /**
   * The components of some rows, as many as the smaller of their number and their length, by the
   * eigenvectors of the smaller of the Gram and the covariance matrix.
   *
   * @param rows [n][p], at least two
   */
  public static Pca of(double[][] rows) {
    return Centred.of(rows).pca();
  }

  /**
   * The coefficients of a row on the first {@code k} components.
   *
   * @throws IllegalArgumentException when there are not so many
   */
  public double[] coefficients(double[] row, int k) {
    spectrum.check(k);
    double[] coefficients = new double[k];
    for (int c = 0; c < k; c++) {
      for (int i = 0; i < row.length; i++) {
        coefficients[c] += (row[i] - mean[i]) * components[c][i];
      }
    }
    return coefficients;
  }

  /**
   * The row as the mean and the first {@code k} components give it.
   *
   * @throws IllegalArgumentException when there are not so many
   */
  public double[] reconstruction(double[] row, int k) {
    double[] coefficients = coefficients(row, k);
    double[] reconstruction = mean.clone();
    for (int c = 0; c < k; c++) {
      for (int i = 0; i < row.length; i++) {
        reconstruction[i] += coefficients[c] * components[c][i];
      }
    }
    return reconstruction;
  }
}
