package dev.touchstone.suite.experiment.exp10b;

import java.util.List;
import org.apache.commons.math3.fitting.leastsquares.LeastSquaresBuilder;
import org.apache.commons.math3.fitting.leastsquares.LevenbergMarquardtOptimizer;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;
import org.apache.commons.math3.util.Pair;

/**
 * A power law C * rank^-alpha fitted by least squares in linear space (docs/protocol.md, "10B"),
 * where the largest values decide, unlike a line through logarithms.
 *
 * @param coefficient C
 * @param exponent alpha
 */
public record PowerLaw(double coefficient, double exponent) {
  private static final double LEAST_EXPONENT = 0.01;
  private static final double GREATEST_EXPONENT = 5;
  private static final int EVALUATIONS = 10_000;

  /**
   * Fits values at ranks 1, 2, ...
   *
   * @param values descending; those not above 0 are left out
   * @throws IllegalArgumentException when fewer than two are above 0
   */
  public static PowerLaw fit(List<Double> values) {
    double[] positive =
        values.stream().mapToDouble(Double::doubleValue).filter(v -> v > 0).toArray();
    if (positive.length < 2) {
      throw new IllegalArgumentException("a power law needs two values above 0");
    }
    var problem =
        new LeastSquaresBuilder()
            .start(new double[] {positive[0], 1})
            .target(positive)
            .model(point -> valueAndJacobian(point, positive.length))
            .parameterValidator(PowerLaw::withinBounds)
            .maxEvaluations(EVALUATIONS)
            .maxIterations(EVALUATIONS)
            .build();
    RealVector best = new LevenbergMarquardtOptimizer().optimize(problem).getPoint();
    return new PowerLaw(best.getEntry(0), best.getEntry(1));
  }

  private static RealVector withinBounds(RealVector point) {
    return new ArrayRealVector(
        new double[] {
          Math.max(0, point.getEntry(0)),
          Math.min(GREATEST_EXPONENT, Math.max(LEAST_EXPONENT, point.getEntry(1)))
        });
  }

  private static Pair<RealVector, RealMatrix> valueAndJacobian(RealVector point, int ranks) {
    double[] value = new double[ranks];
    double[][] jacobian = new double[ranks][2];
    for (int i = 0; i < ranks; i++) {
      double rank = i + 1;
      double power = Math.pow(rank, -point.getEntry(1));
      value[i] = point.getEntry(0) * power;
      jacobian[i][0] = power;
      jacobian[i][1] = -value[i] * Math.log(rank);
    }
    return new Pair<>(new ArrayRealVector(value), new Array2DRowRealMatrix(jacobian));
  }
}
