package dev.touchstone.suite.figure;

import dev.touchstone.suite.claim.Basis.Measurement;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.claim.Expectation;
import dev.touchstone.suite.golden.ClaimCatalog;
import dev.touchstone.suite.observation.Grid;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observation.Quantity;
import dev.touchstone.suite.observation.Observation.Series;
import dev.touchstone.suite.observation.Observatory;
import dev.touchstone.suite.observation.Tier;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a figure shows: the observables of one subject, and the figures the reports print. */
public record FigureData(String subject, Observatory observatory, ClaimCatalog catalog) {
  /** The subject's layers and heads. */
  public Grid grid() {
    return observatory.grid(subject);
  }

  /** A number. */
  public double number(Tier tier, String path) {
    return quantity(tier, path).value();
  }

  /** A number with its interval. */
  public Quantity quantity(Tier tier, String path) {
    return (Quantity) observe(tier, path);
  }

  /** Numbers in their order. */
  public List<Double> series(Tier tier, String path) {
    return ((Series) observe(tier, path)).values();
  }

  private Observation observe(Tier tier, String path) {
    return observatory
        .observables(subject, tier)
        .resolve(path)
        .orElseThrow(() -> new IllegalArgumentException("no observable " + path))
        .get();
  }

  /**
   * The printed figures whose observable's path matches, by what the pattern's first group took
   * from the path. Where a figure is printed more than once, the first stands.
   *
   * @param report the report's short name
   */
  public SortedMap<String, Double> printed(String report, Tier tier, Pattern path) {
    SortedMap<String, Double> printed = new TreeMap<>();
    for (Claim claim : catalog.claims()) {
      if (claim.report().equals(report)
          && claim.statement().tier() == tier
          && claim.statement().basis() instanceof Measurement measurement
          && claim.statement().expectation() instanceof Expectation.OneFigure) {
        Matcher matcher = path.matcher(measurement.path());
        if (matcher.matches()) {
          printed.putIfAbsent(
              matcher.group(1), claim.statement().expectation().figures().get(0).value());
        }
      }
    }
    return printed;
  }
}
