package dev.touchstone.suite.verdict;

import dev.touchstone.corpus.Unavailable;
import dev.touchstone.suite.claim.Assessment;
import dev.touchstone.suite.claim.Basis;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.claim.Elsewhere;
import dev.touchstone.suite.claim.Statement;
import dev.touchstone.suite.claim.Tolerance;
import dev.touchstone.suite.claim.Yardstick;
import dev.touchstone.suite.verdict.Replica.Answer;
import java.util.Optional;

/**
 * Asks another subject what the reports claim of theirs. A statement gets a yes or no, a printed
 * value only the other's figure: weights that are not the reports' cannot agree with a digit.
 */
public final class Replication {
  private final OtherSubject subject;
  private final Environment environment;

  /** A replication on a subject. */
  public Replication(OtherSubject subject, Environment environment) {
    this.subject = subject;
    this.environment = environment;
  }

  /**
   * What the subject shows of a claim.
   *
   * @throws IllegalArgumentException when the observation is of another sort than the claim needs
   */
  public Replica of(Claim claim) {
    Statement statement = claim.elsewhere().statement();
    if (!(statement.basis() instanceof Basis.Measurement measurement)) {
      return unobserved(
          claim,
          statement.basis() instanceof Basis.NotYet notYet
              ? notYet.reason()
              : "It follows from printed figures alone");
    }
    try {
      String asked = new Counterparts(subject.grid()).of(measurement.path());
      return observed(
          claim, asked, TimedObservation.of(environment, subject.name(), statement.tier(), asked));
    } catch (Unavailable e) {
      return unobserved(claim, e.reason());
    }
  }

  private Replica unobserved(Claim claim, String reason) {
    return new Replica(
        claim, subject, "", Answer.UNOBSERVED, Optional.empty(), reason, 0, Optional.empty());
  }

  private Replica observed(Claim claim, String asked, TimedObservation seen) {
    Elsewhere elsewhere = claim.elsewhere();
    Statement statement = elsewhere.statement();
    Optional<Tolerance> stated =
        claim.tolerance().filter(t -> statement.unit() == claim.statement().unit());
    Assessment assessment =
        statement
            .expectation()
            .compare(
                seen.observation(),
                new Yardstick(statement.unit(), stated, environment.relativeSlack()));
    Answer answer = answer(claim, elsewhere, assessment);
    return new Replica(
        claim,
        subject,
        asked,
        answer,
        Optional.of(assessment),
        reason(claim, answer, assessment),
        seen.seconds(),
        Optional.of(seen.losses()));
  }

  private static Answer answer(Claim claim, Elsewhere elsewhere, Assessment assessment) {
    if (claim.construction().isPresent()
        && elsewhere.statement().basis().equals(claim.statement().basis())) {
      return Answer.BY_CONSTRUCTION;
    }
    if (elsewhere.incomparable().isPresent()) {
      return Answer.INCOMPARABLE;
    }
    if (!elsewhere.statement().isQualitative()) {
      return Answer.FIGURE;
    }
    return assessment.holds() ? Answer.SHOWN : Answer.NOT_SHOWN;
  }

  private String reason(Claim claim, Answer answer, Assessment assessment) {
    String name = subject.name();
    String expected = claim.elsewhere().statement().expectation().text();
    String seen = assessment.measured();
    return switch (answer) {
      case SHOWN, NOT_SHOWN ->
          "%s %s: measured %s, where %s shows it".formatted(name, answer.words(), seen, expected);
      case FIGURE -> "%s has %s where %s is printed".formatted(name, seen, expected);
      case BY_CONSTRUCTION ->
          "%s has %s where %s is printed, and could have nothing else: %s"
              .formatted(name, seen, expected, claim.construction().orElseThrow());
      case INCOMPARABLE ->
          "%s; %s has %s there"
              .formatted(claim.elsewhere().incomparable().orElseThrow(), name, seen);
      case UNOBSERVED -> throw new IllegalArgumentException("what was measured was observed");
    };
  }
}
