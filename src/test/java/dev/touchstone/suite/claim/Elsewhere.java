package dev.touchstone.suite.claim;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a claim about one subject comes to on another.
 *
 * @param statement as it reads of any subject
 * @param incomparable why no other subject can answer it; its figure can be shown all the same
 */
public record Elsewhere(Statement statement, Optional<String> incomparable) {
  private static final Pattern HEAD = Pattern.compile("L\\d+H\\d+");

  /** The same; a statement about heads by their numbers has no answer elsewhere. */
  public Elsewhere withHeadsIncomparable() {
    String observed =
        statement.basis() instanceof Basis.Measurement measurement ? measurement.path() : "";
    Matcher head = HEAD.matcher(observed + " " + statement.expectation().names());
    return incomparable.isEmpty() && head.find()
        ? new Elsewhere(
            statement,
            Optional.of(
                head.group() + " is a place in one model's weights, no role that others fill too"))
        : this;
  }
}
