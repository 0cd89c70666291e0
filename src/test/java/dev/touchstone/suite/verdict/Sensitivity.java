package dev.touchstone.suite.verdict;

import dev.touchstone.corpus.Unavailable;
import dev.touchstone.suite.audit.Formula;
import dev.touchstone.suite.claim.Assessment;
import dev.touchstone.suite.claim.Basis;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.claim.Elsewhere;
import dev.touchstone.suite.claim.Expectation;
import dev.touchstone.suite.claim.Statement;
import dev.touchstone.suite.claim.Yardstick;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observation.Names;
import dev.touchstone.suite.observation.Observation.Quantity;
import dev.touchstone.suite.observation.Observatory;
import dev.touchstone.suite.observation.Protocol;
import dev.touchstone.suite.observation.Tier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * What becomes of claims on a subject when one choice of the protocol is made otherwise.
 *
 * @param shifts the claims measured both ways
 * @param left how many were not, by the reason
 */
public record Sensitivity(
    String subject, Protocol protocol, List<Shift> shifts, Map<String, Integer> left) {

  /**
   * A claim measured both ways.
   *
   * @param statement as it reads of the subject
   * @param expected as printed
   * @param answers whether the subject answers it by yes or no
   * @param reported measured as the reports did
   * @param varied measured otherwise
   * @param move of a number, relative to what it was
   * @param beyondDigits whether a printed value moves by more than half its last digit
   * @param matched where another way to ablate is asked of named heads: the share of random heads
   *     of the same layers that hurt as much under it
   */
  public record Shift(
      Claim claim,
      String statement,
      String expected,
      boolean answers,
      Assessment reported,
      Assessment varied,
      OptionalDouble move,
      boolean beyondDigits,
      OptionalDouble matched) {

    /** Whether the answer is another one. */
    public boolean changesAnswer() {
      return answers && reported.holds() != varied.holds();
    }
  }

  public Sensitivity {
    shifts = List.copyOf(shifts);
  }

  /**
   * Measures claims both ways.
   *
   * @param varied where the choice is made otherwise
   */
  public static Sensitivity of(
      String subject,
      Protocol protocol,
      Collection<Claim> claims,
      Environment environment,
      Observatory varied) {
    Counterparts counterparts = new Counterparts(environment.observatory().grid(subject));
    List<Shift> shifts = new ArrayList<>();
    Map<String, Integer> left = new TreeMap<>();
    for (Claim claim : claims) {
      Elsewhere asked = claim.on(subject);
      Tier tier = asked.statement().tier();
      if (asked.statement().basis() instanceof Basis.Measurement measurement
          && protocol.concerns(measurement.path())) {
        Observables there = varied.observables(subject, tier);
        if (Formula.parse(measurement.path()).of(there).isPresent()) {
          try {
            String path = counterparts.of(measurement.path());
            Observation reported =
                TimedObservation.of(environment, subject, tier, path).observation();
            shifts.add(
                shift(
                    claim,
                    asked,
                    subject,
                    reported,
                    Formula.parse(path).of(there).orElseThrow().get(),
                    environment.relativeSlack(),
                    protocol.onShortText()
                        ? matched(path, reported, there)
                        : OptionalDouble.empty()));
          } catch (Unavailable e) {
            left.merge(e.reason(), 1, Integer::sum);
          }
        }
      }
    }
    return new Sensitivity(subject, protocol, shifts, left);
  }

  private static OptionalDouble matched(String path, Observation reported, Observables there) {
    if (!(reported instanceof Names names)
        || names.names().isEmpty()
        || !names.names().stream().allMatch(name -> name.matches("L\\d+H\\d+"))) {
      return OptionalDouble.empty();
    }
    String share =
        "heads/%s/matched/%s/share"
            .formatted(path.contains("zero") ? "zero" : "mean", String.join(",", names.names()));
    return Formula.parse(share)
        .of(there)
        .map(Supplier::get)
        .map(observed -> OptionalDouble.of(((Quantity) observed).value()))
        .orElse(OptionalDouble.empty());
  }

  private static Shift shift(
      Claim claim,
      Elsewhere asked,
      String subject,
      Observation reported,
      Observation varied,
      double slack,
      OptionalDouble matched) {
    Statement statement = asked.statement();
    Expectation expectation = statement.expectation();
    Yardstick yardstick = new Yardstick(statement.unit(), Optional.empty(), slack);
    boolean own = claim.subject().equals(subject);
    double move =
        reported instanceof Quantity before && varied instanceof Quantity after
            ? after.value() - before.value()
            : Double.NaN;
    return new Shift(
        claim,
        statement.text(),
        expectation.text(),
        own || statement.isQualitative() && asked.incomparable().isEmpty(),
        expectation.compare(compared(expectation, reported), yardstick),
        expectation.compare(compared(expectation, varied), yardstick),
        reported instanceof Quantity before && Double.isFinite(move) && before.value() != 0
            ? OptionalDouble.of(move / Math.abs(before.value()))
            : OptionalDouble.empty(),
        expectation instanceof Expectation.Value value
            && Math.abs(move) > yardstick.around(value.figure()),
        matched);
  }

  /** Nobody asks here where a number may lie, but for what is held against that itself. */
  private static Observation compared(Expectation expectation, Observation observed) {
    return observed instanceof Quantity quantity && !(expectation instanceof Expectation.Draw)
        ? quantity.alone()
        : observed;
  }

  /** How many answers are other ones. */
  public List<Shift> changed() {
    return shifts.stream().filter(Shift::changesAnswer).toList();
  }
}
