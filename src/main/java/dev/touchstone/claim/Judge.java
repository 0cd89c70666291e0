package dev.touchstone.claim;

import dev.touchstone.corpus.Unavailable;
import java.util.Optional;

/** Judges claims: first by the audit of what the reports print, then by measurement. */
public final class Judge {
  private final ClaimCatalog catalog;
  private final Conditions conditions;

  /** A judge of the catalog's claims, who measures on a conditions. */
  public Judge(ClaimCatalog catalog, Conditions conditions) {
    this.catalog = catalog;
    this.conditions = conditions;
  }

  /**
   * The verdict on a claim. What is inconsistent is measured all the same: it tells which of the
   * figures is wrong.
   *
   * @throws IllegalArgumentException when the observation is of another sort than the claim needs
   */
  public Verdict judge(Claim claim) {
    Finding finding = catalog.finding(claim);
    if (claim.basis() instanceof Basis.Measurement measurement) {
      try {
        return measured(
            claim,
            finding,
            Sighting.of(conditions, claim.subject(), claim.tier(), measurement.path()));
      } catch (Unavailable e) {
        return unmeasured(
            claim, finding, e.reason(), Optional.of(e.remedy()).filter(each -> !each.isBlank()));
      }
    }
    return withoutMeasuring(claim, finding);
  }

  /** The verdict as far as the audit alone gives it. */
  public Verdict audit(Claim claim) {
    Finding finding = catalog.finding(claim);
    return claim.basis() instanceof Basis.Measurement
        ? unmeasured(claim, finding, "Audited only, not measured in this run.", Optional.empty())
        : withoutMeasuring(claim, finding);
  }

  private Verdict withoutMeasuring(Claim claim, Finding finding) {
    if (claim.basis() instanceof Basis.NotYet notYet) {
      return unmeasured(claim, finding, notYet.reason(), Optional.empty());
    }
    if (finding.isSilent()) {
      return unmeasured(
          claim, finding, "The figures it follows from are not printed.", Optional.empty());
    }
    return finding.isContradiction()
        ? inconsistent(claim, finding)
        : verdict(
            claim,
            Outcome.REPRODUCED,
            finding,
            "Consistent, recomputed from printed figures; nothing was measured.",
            Optional.empty());
  }

  private Verdict unmeasured(Claim claim, Finding finding, String reason, Optional<String> remedy) {
    return finding.isContradiction()
        ? inconsistent(claim, finding)
        : verdict(claim, Outcome.NOT_EVALUATED, finding, reason, remedy);
  }

  private Verdict inconsistent(Claim claim, Finding finding) {
    return verdict(claim, Outcome.INCONSISTENT, finding, finding.account(), Optional.empty());
  }

  private Verdict verdict(
      Claim claim, Outcome outcome, Finding finding, String reason, Optional<String> remedy) {
    return new Verdict(
        claim,
        outcome,
        finding,
        Optional.empty(),
        conditions,
        "",
        0,
        Optional.empty(),
        reason,
        remedy);
  }

  private Verdict measured(Claim claim, Finding finding, Sighting sighting) {
    Comparison comparison =
        claim
            .expectation()
            .compare(
                sighting.observation(),
                new Yardstick(claim.unit(), claim.tolerance(), conditions.relativeSlack()));
    Outcome outcome =
        finding.isContradiction()
            ? Outcome.INCONSISTENT
            : claim.hardwareBound()
                ? Outcome.HARDWARE_BOUND
                : comparison.holds() ? Outcome.REPRODUCED : Outcome.REFUTED;
    return new Verdict(
        claim,
        outcome,
        finding,
        Optional.of(comparison),
        conditions,
        conditions.subjectHash().apply(claim.subject()),
        sighting.seconds(),
        Optional.of(sighting.losses()),
        reason(outcome, claim, comparison, finding),
        Optional.empty());
  }

  private static String reason(
      Outcome outcome, Claim claim, Comparison comparison, Finding finding) {
    String expected = claim.expectation().text();
    String seen = comparison.measured();
    return switch (outcome) {
      case REPRODUCED -> "Measured %s, expected %s.".formatted(seen, expected);
      case REFUTED ->
          "Measured %s, expected %s%s.".formatted(seen, expected, difference(comparison));
      case INCONSISTENT ->
          "%s Measured %s, %s."
              .formatted(
                  finding.account(), seen, comparison.holds() ? "as printed" : "not as printed");
      case HARDWARE_BOUND ->
          "Measured %s here and %s there; an absolute speed belongs to its machine."
              .formatted(seen, expected);
      case NOT_EVALUATED -> throw new IllegalArgumentException("a measurement is an evaluation");
    };
  }

  private static String difference(Comparison comparison) {
    String difference = comparison.difference();
    if (difference.isEmpty()) {
      return "";
    }
    boolean number = difference.startsWith("+") || difference.startsWith("-");
    return (number ? ": off by " : ": ") + difference;
  }
}
