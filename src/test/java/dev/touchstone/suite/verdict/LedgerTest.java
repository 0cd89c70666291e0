package dev.touchstone.suite.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.golden.GoldenException;
import dev.touchstone.suite.verdict.Ledger.Standing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
  private static final String KNOWN =
      """
      - claim: exp1:p01
        verdict: REFUTED
        measured: "3"
        reason: the table was made with other weights
        date: 2026-11-22
      """;

  @TempDir private Path folder;
  private GoldenFolder golden;

  @BeforeEach
  void open() throws IOException {
    golden = new GoldenFolder(Files.createDirectory(folder.resolve("claims")));
    observe("seen/3", "");
  }

  @Test
  void keepsWhatIsKnown() throws IOException {
    Ledger ledger = ledger(KNOWN);
    assertThat(ledger.entry(claim()))
        .contains(
            new Ledger.Entry(
                "exp1:p01",
                Outcome.REFUTED,
                "3",
                "the table was made with other weights",
                LocalDate.of(2026, 11, 22)));
  }

  @Test
  void whatIsKnownPassesAndIsStrictlyAConflict() throws IOException {
    Ledger ledger = ledger(KNOWN);
    assertThat(ledger.standing(verdict(), false)).isInstanceOf(Standing.Known.class);
    assertThat(ledger.standing(verdict(), true))
        .isEqualTo(
            new Standing.Conflict("It is known, and -Dtouchstone.strict lets nothing known pass."));
  }

  @Test
  void whatIsNotKnownConflictsWithAProposal() throws IOException {
    Standing standing = ledger("[]").standing(verdict(), false);
    assertThat(((Standing.Conflict) standing).sentence())
        .startsWith("It is not in the ledger.")
        .contains("- claim: exp1:p01\n  verdict: REFUTED\n  measured: \"3\"\n  reason: ...\n");
  }

  @Test
  void whatHoldsAgainConflicts() throws IOException {
    Ledger ledger = ledger(KNOWN);
    observe("seen/2", "");
    assertThat(((Standing.Conflict) ledger.standing(verdict(), false)).sentence())
        .isEqualTo(
            "The ledger knows it as REFUTED since 2026-11-22 (the table was made with other"
                + " weights); it is so no longer: take it out of the ledger.");
  }

  @Test
  void whatFailsInAnotherWayConflicts() throws IOException {
    Ledger ledger = ledger(KNOWN);
    observe("seen/3", ", derived: 1 + 3");
    assertThat(((Standing.Conflict) ledger.standing(verdict(), false)).sentence())
        .isEqualTo(
            "The ledger knows it as REFUTED since 2026-11-22 (the table was made with other"
                + " weights).");
  }

  @Test
  void whatIsNotEvaluatedConflictsWithNothing() throws IOException {
    Ledger ledger = ledger(KNOWN);
    observe("absent", "");
    assertThat(ledger.standing(verdict(), true)).isInstanceOf(Standing.Open.class);
  }

  @Test
  void whatHoldsUnlistedHolds() throws IOException {
    observe("seen/2", "");
    assertThat(ledger("[]").standing(verdict(), true)).isInstanceOf(Standing.Holds.class);
  }

  @Test
  void itsErrorsAreShownAtOnce() {
    assertThatThrownBy(
            () ->
                ledger(
                    KNOWN
                        + KNOWN
                        + """
                        - {claim: exp1:p02, verdict: REFUTED, reason: r, date: 2026-11-22}
                        - {claim: exp1:p01, verdict: REPRODUCED, reason: r, date: today}
                        - {claim: exp1:p01, verdict: INCONSISTENT, raeson: r, date: 2026-11-22}
                        """))
        .isInstanceOf(GoldenException.class)
        .message()
        .isEqualTo(
            """
            6 errors:
            @:6:10: exp1:p01 is in the ledger twice
            @:11:11: no claim has the id exp1:p02; did you mean "exp1:p01"?
            @:12:30: there is no verdict "REPRODUCED" (there are REFUTED, INCONSISTENT)
            @:12:59: "today" is no date such as 2026-11-22
            @:13:3: an entry needs reason; write for instance reason: the table was made with other weights
            @:13:44: an entry has no key "raeson"; did you mean "reason"? (it may have claim, verdict, measured, reason, date)"""
                .replace("@", folder.resolve("ledger.yaml").toString()));
  }

  private void observe(String observable, String rules) {
    golden.write(
        "a.yaml",
        """
        report: exp1
        subject: gpt2
        claims:
          - {id: exp1:p01, says: s, expected: 2, unit: count, observable: %s%s}
        """
            .formatted(observable, rules));
  }

  private Ledger ledger(String yaml) throws IOException {
    Path file = folder.resolve("ledger.yaml");
    Files.writeString(file, yaml);
    return Ledger.read(file, golden.read());
  }

  private Claim claim() {
    return golden.read().claim("exp1:p01").orElseThrow();
  }

  private Verdict verdict() {
    return golden.judge().judge(claim());
  }
}
