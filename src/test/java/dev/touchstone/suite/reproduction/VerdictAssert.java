package dev.touchstone.suite.reproduction;

import dev.touchstone.suite.verdict.Ledger.Standing;
import dev.touchstone.suite.verdict.Verdict;
import org.assertj.core.api.AbstractAssert;

/** Assertions on a verdict, which fail with its full account. */
final class VerdictAssert extends AbstractAssert<VerdictAssert, Verdict> {
  private VerdictAssert(Verdict actual) {
    super(actual, VerdictAssert.class);
  }

  static VerdictAssert assertThat(Verdict actual) {
    return new VerdictAssert(actual);
  }

  /** The verdict is what the ledger knows, or could not be given. */
  VerdictAssert agreesWithTheLedger(Standing standing) {
    isNotNull();
    if (standing instanceof Standing.Conflict conflict) {
      throw failure("%s", actual.account() + "\n" + conflict.sentence());
    }
    return this;
  }
}
