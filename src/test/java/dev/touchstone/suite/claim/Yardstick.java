package dev.touchstone.suite.claim;

import java.util.Optional;

/**
 * How a claim's measurement is held against its figure: by the tolerance the claim states, or else
 * by half a unit of the last printed digit and the device's float slack.
 *
 * @param unit the claim's
 * @param stated the tolerance the claim states itself
 * @param relativeSlack float error of the device, relative to {@link Unit#scale}
 */
public record Yardstick(Unit unit, Optional<Tolerance> stated, double relativeSlack) {
  // Decimal ends such as 0.0005 are not exact in binary; this decides for them, not against.
  private static final double BINARY = 1e-12;

  /** The allowance on either side of a printed value. */
  public double around(Printed expected) {
    double rounding = unit.isExact(expected) ? 0 : expected.halfLastDigit();
    return stated
            .map(tolerance -> tolerance.around(expected.value()))
            .orElse(rounding + slack(expected))
        + binary(expected);
  }

  /** The allowance past a printed bound, which is meant exactly. */
  double past(Printed bound) {
    return stated.map(tolerance -> tolerance.around(bound.value())).orElse(slack(bound))
        + binary(bound);
  }

  private double slack(Printed figure) {
    return unit.isExact(figure) ? 0 : relativeSlack * unit.scale(figure.value());
  }

  private double binary(Printed figure) {
    return unit.isExact(figure) ? 0 : BINARY * Math.max(1, Math.abs(figure.value()));
  }
}
