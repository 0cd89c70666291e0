package dev.touchstone.suite.verdict;

import dev.touchstone.suite.audit.Finding;
import dev.touchstone.suite.claim.Assessment;
import dev.touchstone.suite.claim.Basis;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.observation.Losses;
import dev.touchstone.suite.observation.Observation;
import java.util.Locale;
import java.util.Optional;

/**
 * What became of a claim, and how.
 *
 * @param outcome the verdict in one word
 * @param audit what the audit found
 * @param observation what was seen; empty when nothing was measured
 * @param measured what was seen, held against the claim; empty likewise
 * @param environment where it was measured
 * @param subjectHash of the subject's bytes; empty when nothing was measured
 * @param seconds how long the measurement took, which is next to nothing where an earlier claim
 *     needed the same one
 * @param losses where the measurement's losses came from; empty when nothing was measured
 * @param reason why the outcome is what it is
 * @param absence why it was not evaluated; empty when it was
 * @param remedy the one command that would evaluate it
 */
public record Verdict(
    Claim claim,
    Outcome outcome,
    Finding audit,
    Optional<Observation> observation,
    Optional<Assessment> measured,
    Environment environment,
    String subjectHash,
    double seconds,
    Optional<Losses> losses,
    String reason,
    Optional<Absence> absence,
    Optional<String> remedy) {

  /** What it stands on; empty when nothing was evaluated. */
  public Optional<Grounds> grounds() {
    if (outcome == Outcome.NOT_EVALUATED) {
      return Optional.empty();
    }
    if (measured.isEmpty() || claim.subject().equals(Claim.FORMULAS)) {
      return Optional.of(Grounds.RECOMPUTED);
    }
    return Optional.of(
        claim.construction().isPresent() ? Grounds.BY_CONSTRUCTION : Grounds.MEASURED);
  }

  /** The outcome in one word, and that it is by construction where it is, or why there is none. */
  public String word() {
    return grounds()
        .filter(Grounds.BY_CONSTRUCTION::equals)
        .map(Grounds::words)
        .or(() -> absence.map(Absence::words))
        .map(more -> outcome + ", " + more)
        .orElseGet(outcome::name);
  }

  /** Why the outcome is what it is, and what would evaluate a claim that was not. */
  public String reasonAndRemedy() {
    String end = reason.endsWith(".") ? " " : ". ";
    return remedy.map(command -> reason + end + "Supply it with: " + command).orElse(reason);
  }

  /** Everything a reader needs to follow the verdict, over several lines. */
  public String account() {
    StringBuilder account = new StringBuilder();
    account.append(word()).append(' ').append(claim.id()).append('\n');
    account.append(claim.displayName()).append('\n');
    line(account, "expected", claim.statement().expectation().text());
    line(account, "measured", measured.map(Assessment::measured).orElse(""));
    line(account, "interval", measured.map(Assessment::interval).orElse(""));
    line(account, "difference", measured.map(Assessment::difference).orElse(""));
    line(account, "tolerance", measured.map(this::tolerance).orElse(""));
    line(account, "found with", conditions());
    line(account, "unit", claim.statement().unit().word());
    line(account, "reason", reason);
    line(account, "remedy", remedy.orElse(""));
    line(account, "audit", audit.account());
    line(account, "source", String.join(", ", claim.source()));
    line(account, "written at", claim.place().toString());
    line(account, "observable", observable());
    line(account, "subject", claim.subject() + (subjectHash.isEmpty() ? "" : " " + subjectHash));
    if (measured.isPresent()) {
      line(account, "device", environment.device());
      line(account, "seconds", String.format(Locale.ROOT, "%.1f", seconds));
      line(account, "losses", lossSource());
    }
    return account.toString();
  }

  /** What finding the measured number took, for readers; empty where nothing is said. */
  public String conditions() {
    return observation
        .filter(Observation.Quantity.class::isInstance)
        .flatMap(seen -> ((Observation.Quantity) seen).conditions())
        .orElse("");
  }

  /** Where the measurement's losses came from, for readers; empty when nothing was measured. */
  public String lossSource() {
    return losses.map(Losses::words).orElse("");
  }

  /** What is measured, as the claim's file has it; empty where nothing is. */
  public String observable() {
    return claim.statement().basis() instanceof Basis.Measurement measurement
        ? measurement.path()
        : "";
  }

  private String tolerance(Assessment assessment) {
    if (assessment.tolerance().isEmpty()) {
      return "";
    }
    return assessment.tolerance()
        + claim
            .tolerance()
            .map(stated -> " (" + stated.text() + ", as the claim states)")
            .orElse("");
  }

  private static void line(StringBuilder account, String name, String value) {
    if (!value.isEmpty()) {
      account.append(String.format(Locale.ROOT, "  %-11s %s%n", name, value));
    }
  }
}
