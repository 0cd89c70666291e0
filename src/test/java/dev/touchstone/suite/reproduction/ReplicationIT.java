package dev.touchstone.suite.reproduction;

import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the reports say of GPT-2, asked of another subject: of the model that {@code
 * touchstone.subject} names, or else of nano144. It is information about generality. No answer
 * fails; an observable that cannot be observed there for no stated reason does.
 */
@Tag("nano144")
@ExtendWith(Fixtures.class)
class ReplicationIT {
  private final Suite suite;

  ReplicationIT(Suite suite) {
    this.suite = suite;
  }

  /** A claim that a subject is asked. */
  record Case(String subject, ClaimCase claim) {
    @Override
    public String toString() {
      return subject + ": " + claim;
    }
  }

  static Stream<Case> isAsked(Suite suite) {
    return suite
        .others()
        .flatMap(subject -> suite.replicatedClaims().map(claim -> new Case(subject, claim)));
  }

  static Stream<String> showsWhereItsHeadsLook(Suite suite) {
    return suite.others();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void showsWhereItsHeadsLook(String subject) {
    suite.attends(subject);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void isAsked(Case asked) {
    asked.claim().replicateOn(asked.subject());
  }
}
