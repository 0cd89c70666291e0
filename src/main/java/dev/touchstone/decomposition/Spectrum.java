package dev.touchstone.decomposition;

/**
 * How the variance of some rows falls off along their principal components.
 *
 * @param variances along the components (divisor n - 1), descending
 */
public record Spectrum(double[] variances) {
  /**
   * The spectrum of rows about their mean, without the components.
   *
   * @param rows [n][p], at least two
   */
  public static Spectrum of(double[][] rows) {
    return Centred.of(rows).spectrum();
  }

  /** The share of the whole variance that component {@code k}, counted from 1, holds. */
  public double share(int k) {
    return variances[k - 1] / sum(variances.length);
  }

  /**
   * The share that the first {@code k} components hold together; 0 for none.
   *
   * @throws IllegalArgumentException when there are not so many
   */
  public double cumulativeShare(int k) {
    check(k);
    return sum(k) / sum(variances.length);
  }

  /** The first number of components whose cumulative share reaches {@code share}. */
  public int componentsFor(double share) {
    double wanted = share * sum(variances.length);
    double sum = 0;
    for (int k = 1; k <= variances.length; k++) {
      sum += variances[k - 1];
      if (sum >= wanted) {
        return k;
      }
    }
    return variances.length;
  }

  void check(int k) {
    if (k > variances.length) {
      throw new IllegalArgumentException(
          "there are only " + variances.length + " components, not " + k);
    }
  }

  private double sum(int k) {
    double sum = 0;
    for (int i = 0; i < k; i++) {
      sum += variances[i];
    }
    return sum;
  }
}
