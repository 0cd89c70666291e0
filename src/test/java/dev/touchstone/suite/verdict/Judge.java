package dev.touchstone.suite.verdict;

import dev.touchstone.corpus.Unavailable;
import dev.touchstone.suite.audit.Finding;
import dev.touchstone.suite.claim.Assessment;
import dev.touchstone.suite.claim.Basis;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.claim.Yardstick;
import dev.touchstone.suite.golden.ClaimCatalog;
import java.util.Optional;

/**
 * Judges claims: first by the audit of what the reports print, then by measurement, or by what an
 * earlier run measured where its environment replays one.
 */
public final class Judge {
  private final ClaimCatalog catalog;
  private final Environment environment;

  /** A judge of the catalog's claims, who measures in an environment. */
  public Judge(ClaimCatalog catalog, Environment environment) {
    this.catalog = catalog;
    this.environment = environment;
  }

  /**
   * The verdict on a claim. What is inconsistent is measured all the same: it tells which of the
   * figures is wrong. Whatever goes wrong while measuring is thrown.
   *
   * @throws IllegalArgumentException when the observation is of another sort than the claim needs
   */
  public Verdict judge(Claim claim) {
    Finding finding = catalog.finding(claim);
    if (claim.statement().basis() instanceof Basis.Measurement measurement) {
      try {
        return measured(claim, finding, look(claim, measurement));
      } catch (Unavailable e) {
        return unmeasured(claim, finding, Absence.of(e.kind()), e.reason(), e.remedy());
      }
    }
    return withoutMeasuring(claim, finding);
  }

  private TimedObservation look(Claim claim, Basis.Measurement measurement) {
    return environment
        .provenance()
        .replay()
        .map(earlier -> TimedObservation.of(environment, () -> earlier.observation(claim)))
        .orElseGet(
            () ->
                TimedObservation.of(
                    environment, claim.subject(), claim.statement().tier(), measurement.path()));
  }

  /** The verdict as far as the audit alone gives it. */
  public Verdict audit(Claim claim) {
    Finding finding = catalog.finding(claim);
    return claim.statement().basis() instanceof Basis.Measurement
        ? unmeasured(
            claim,
            finding,
            Absence.TIER_NOT_ASKED,
            "Audited only, not measured in this run.",
            Optional.empty())
        : withoutMeasuring(claim, finding);
  }

  private Verdict withoutMeasuring(Claim claim, Finding finding) {
    if (claim.statement().basis() instanceof Basis.NotYet notYet) {
      return unmeasured(claim, finding, Absence.NOT_SUPPORTED, notYet.reason(), Optional.empty());
    }
    if (finding.isSilent()) {
      return unmeasured(
          claim,
          finding,
          Absence.NOT_SUPPORTED,
          "The figures it follows from are not printed.",
          Optional.empty());
    }
    return finding.isContradiction()
        ? inconsistent(claim, finding)
        : verdict(
            claim,
            Outcome.REPRODUCED,
            finding,
            "Consistent, recomputed from printed figures; nothing was measured.",
            Optional.empty(),
            Optional.empty());
  }

  private Verdict unmeasured(
      Claim claim, Finding finding, Absence absence, String reason, Optional<String> remedy) {
    return finding.isContradiction()
        ? inconsistent(claim, finding)
        : verdict(claim, Outcome.NOT_EVALUATED, finding, reason, Optional.of(absence), remedy);
  }

  private Verdict inconsistent(Claim claim, Finding finding) {
    return verdict(
        claim,
        Outcome.INCONSISTENT,
        finding,
        finding.account(),
        Optional.empty(),
        Optional.empty());
  }

  private Verdict verdict(
      Claim claim,
      Outcome outcome,
      Finding finding,
      String reason,
      Optional<Absence> absence,
      Optional<String> remedy) {
    return new Verdict(
        claim,
        outcome,
        finding,
        Optional.empty(),
        Optional.empty(),
        environment,
        "",
        0,
        Optional.empty(),
        reason,
        absence,
        remedy);
  }

  private Verdict measured(Claim claim, Finding finding, TimedObservation seen) {
    Assessment assessment =
        claim
            .statement()
            .expectation()
            .compare(
                seen.observation(),
                new Yardstick(
                    claim.statement().unit(), claim.tolerance(), environment.relativeSlack()));
    Outcome outcome =
        finding.isContradiction()
            ? Outcome.INCONSISTENT
            : claim.hardwareBound()
                ? Outcome.HARDWARE_BOUND
                : assessment.holds() ? Outcome.REPRODUCED : Outcome.REFUTED;
    return new Verdict(
        claim,
        outcome,
        finding,
        Optional.of(seen.observation()),
        Optional.of(assessment),
        environment,
        environment.subjectHash().apply(claim.subject()),
        seen.seconds(),
        Optional.of(seen.losses()),
        reason(outcome, claim, assessment, finding) + construction(claim),
        Optional.empty(),
        Optional.empty());
  }

  private static String reason(
      Outcome outcome, Claim claim, Assessment assessment, Finding finding) {
    String expected = claim.statement().expectation().text();
    String how = claim.subject().equals(Claim.FORMULAS) ? "Worked out" : "Measured";
    String seen = how + " " + assessment.measured();
    return switch (outcome) {
      case REPRODUCED -> "%s, expected %s.".formatted(seen, expected);
      case REFUTED -> "%s, expected %s%s.".formatted(seen, expected, difference(assessment));
      case INCONSISTENT ->
          "%s %s, %s."
              .formatted(
                  finding.account(), seen, assessment.holds() ? "as printed" : "not as printed");
      case HARDWARE_BOUND ->
          "%s here and %s there; an absolute speed belongs to its machine."
              .formatted(seen, expected);
      case NOT_EVALUATED -> throw new IllegalArgumentException("a measurement is an evaluation");
    };
  }

  private static String construction(Claim claim) {
    return claim.construction().map(why -> " By construction: " + why + ".").orElse("");
  }

  private static String difference(Assessment assessment) {
    String difference = assessment.difference();
    if (difference.isEmpty()) {
      return "";
    }
    boolean number = difference.startsWith("+") || difference.startsWith("-");
    return (number ? ": off by " : ": ") + difference;
  }
}
