package dev.touchstone.claim;

import dev.touchstone.claim.Replica.Answer;
import dev.touchstone.corpus.Unavailable;
import java.util.Optional;

/**
 * Asks another subject what the reports claim of theirs. A statement gets a yes or no, a printed
 * value only the other's figure: weights that are not the reports' cannot agree with a digit.
 */
public final class Replication {
  private final String subject;
  private final Conditions conditions;

  /** A replication on a subject. */
  public Replication(String subject, Conditions conditions) {
    this.subject = subject;
    this.conditions = conditions;
  }

  /**
   * What the subject shows of a claim.
   *
   * @throws IllegalArgumentException when the observation is of another sort than the claim needs
   */
  public Replica of(Claim claim) {
    Elsewhere elsewhere = claim.elsewhere();
    if (!(elsewhere.basis() instanceof Basis.Measurement measurement)) {
      return unobserved(
          claim,
          elsewhere.basis() instanceof Basis.NotYet notYet
              ? notYet.reason()
              : "It follows from printed figures alone");
    }
    try {
      return observed(
          claim, Sighting.of(conditions, subject, elsewhere.tier(), measurement.path()));
    } catch (Unavailable e) {
      return unobserved(claim, e.reason());
    }
  }

  private Replica unobserved(Claim claim, String reason) {
    return new Replica(
        claim, subject, Answer.UNOBSERVED, Optional.empty(), reason, 0, Optional.empty());
  }

  private Replica observed(Claim claim, Sighting sighting) {
    Elsewhere elsewhere = claim.elsewhere();
    Optional<Tolerance> stated = claim.tolerance().filter(t -> elsewhere.unit() == claim.unit());
    Comparison comparison =
        elsewhere
            .expectation()
            .compare(
                sighting.observation(),
                new Yardstick(elsewhere.unit(), stated, conditions.relativeSlack()));
    Answer answer = answer(elsewhere, comparison);
    return new Replica(
        claim,
        subject,
        answer,
        Optional.of(comparison),
        reason(elsewhere, answer, comparison),
        sighting.seconds(),
        Optional.of(sighting.losses()));
  }

  private static Answer answer(Elsewhere elsewhere, Comparison comparison) {
    if (elsewhere.incomparable().isPresent()) {
      return Answer.INCOMPARABLE;
    }
    if (!elsewhere.isQualitative()) {
      return Answer.FIGURE;
    }
    return comparison.holds() ? Answer.SHOWN : Answer.NOT_SHOWN;
  }

  private String reason(Elsewhere elsewhere, Answer answer, Comparison comparison) {
    String expected = elsewhere.expectation().text();
    String seen = comparison.measured();
    return switch (answer) {
      case SHOWN, NOT_SHOWN ->
          "%s %s: measured %s, where %s shows it"
              .formatted(subject, answer.words(), seen, expected);
      case FIGURE -> "%s has %s where %s is printed".formatted(subject, seen, expected);
      case INCOMPARABLE ->
          "%s; %s has %s there".formatted(elsewhere.incomparable().orElseThrow(), subject, seen);
      case UNOBSERVED -> throw new IllegalArgumentException("what was measured was observed");
    };
  }
}
