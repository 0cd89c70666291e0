package dev.touchstone.suite.reproduction;

import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.verdict.Ledger.Standing;
import dev.touchstone.suite.verdict.Outcome;
import dev.touchstone.suite.verdict.Replica;
import dev.touchstone.suite.verdict.Verdict;
import org.opentest4j.TestAbortedException;

/** A claim as a test's parameter; its text is the test's name. */
record ClaimCase(Claim claim, Suite suite) {
  /** Judges the claim; skipped when what it needs is not here. */
  void judge() {
    Verdict verdict = suite.judge(claim);
    Standing standing = suite.standing(verdict);
    ChecksAlone.toldOnItsClaimsPage();
    if (verdict.outcome() == Outcome.NOT_EVALUATED) {
      throw new TestAbortedException("NOT_EVALUATED. " + verdict.reasonAndRemedy());
    }
    VerdictAssert.assertThat(verdict).agreesWithTheLedger(standing);
  }

  /** Holds the claim against the other printed figures, and measures nothing. */
  void audit() {
    Verdict verdict = suite.audit(claim);
    Standing standing = suite.standing(verdict);
    ChecksAlone.toldOnItsClaimsPage();
    VerdictAssert.assertThat(verdict).as("audit").agreesWithTheLedger(standing);
  }

  /** Observes on another subject what is claimed of GPT-2; skipped when nothing can be. */
  void replicateOn(String subject) {
    Replica replica = suite.replicate(claim, subject);
    ChecksAlone.toldOnItsClaimsPage();
    if (replica.answer() == Replica.Answer.UNOBSERVED) {
      throw new TestAbortedException("Not observed. " + replica.reason());
    }
  }

  @Override
  public String toString() {
    return claim.displayName();
  }
}
