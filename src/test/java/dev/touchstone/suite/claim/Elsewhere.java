package dev.touchstone.suite.claim;

import dev.touchstone.suite.observation.Tier;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a claim about one subject comes to on another.
 *
 * @param statement as it reads of any subject
 * @param tier how much text it takes there
 * @param basis what is observed there
 * @param expectation what shows it there
 * @param unit of the figures in it
 * @param incomparable why no other subject can answer it; its figure can be shown all the same
 */
public record Elsewhere(
    String statement,
    Tier tier,
    Basis basis,
    Expectation expectation,
    Unit unit,
    Optional<String> incomparable) {
  private static final Pattern HEAD = Pattern.compile("L\\d+H\\d+");

  /** Whether other weights can answer it by yes or no; a printed digit they cannot repeat. */
  public boolean isQualitative() {
    return !(expectation instanceof Expectation.OneFigure
        || expectation instanceof Expectation.Range
        || expectation instanceof Expectation.Derived);
  }

  /** The same; a statement about heads by their numbers has no answer elsewhere. */
  public Elsewhere withHeadsIncomparable() {
    String observed = basis instanceof Basis.Measurement measurement ? measurement.path() : "";
    Matcher head = HEAD.matcher(observed + " " + expectation.names());
    return incomparable.isEmpty() && head.find()
        ? new Elsewhere(
            statement,
            tier,
            basis,
            expectation,
            unit,
            Optional.of(
                head.group() + " is a place in one model's weights, no role that others fill too"))
        : this;
  }
}
