package dev.touchstone.suite.verdict;

import dev.touchstone.corpus.Unavailable;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.claim.Tolerance;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code verdicts.json} keeps of a verdict for later runs.
 *
 * @param claim its id
 * @param verdict in one word
 * @param absence why there was none, in words; empty when there was
 * @param stated the tolerance that the claim states itself; empty where it states none
 * @param observable what was measured, as the claim's file had it
 * @param observation what was seen; empty when nothing was measured
 * @param ledger what the ledger knew
 */
record StoredVerdict(
    String claim,
    String verdict,
    String absence,
    String subject,
    String tier,
    String expected,
    String unit,
    String stated,
    String observable,
    Optional<StoredObservation> observation,
    String reason,
    String remedy,
    Optional<Known> ledger) {

  /** An entry of the ledger. */
  record Known(String verdict, String measured, String reason, String date) {
    static Known of(Ledger.Entry entry) {
      return new Known(
          entry.verdict().name(), entry.measured(), entry.reason(), entry.date().toString());
    }

    String words() {
      return "%s since %s%s: %s"
          .formatted(verdict, date, measured.isEmpty() ? "" : " (" + measured + ")", reason);
    }
  }

  static StoredVerdict of(Verdict verdict, Ledger ledger) {
    Claim claim = verdict.claim();
    return new StoredVerdict(
        claim.id(),
        verdict.outcome().name(),
        verdict.absence().map(Absence::words).orElse(""),
        claim.subject(),
        claim.statement().tier().word(),
        claim.statement().expectation().text(),
        claim.statement().unit().word(),
        claim.tolerance().map(Tolerance::text).orElse(""),
        verdict.observable(),
        verdict.observation().map(StoredObservation::of),
        verdict.reason(),
        verdict.remedy().orElse(""),
        ledger.entry(claim).map(Known::of));
  }

  /** What is said of a claim, by the name of the field that says it. */
  Map<String, String> claimed() {
    Map<String, String> claimed = new LinkedHashMap<>();
    claimed.put("expected", expected);
    claimed.put("unit", unit);
    claimed.put("tolerance", stated);
    claimed.put("subject", subject);
    claimed.put("tier", tier);
    claimed.put("observable", observable);
    return claimed;
  }

  /** What is looked at: what, of which subject, over how much text. */
  List<String> observed() {
    return List.of(observable, subject, tier);
  }

  /** Why nothing was seen, or can be taken from here. */
  Unavailable unavailable(String file) {
    Optional<Absence> why =
        Arrays.stream(Absence.values()).filter(each -> each.words().equals(absence)).findFirst();
    return why.map(
            known ->
                switch (known) {
                  case ASSET_MISSING -> Unavailable.missing(reason, remedy);
                  case TIER_NOT_ASKED -> Unavailable.unlessAskedFor(reason, remedy);
                  case NOT_SUPPORTED -> Unavailable.notSupported(reason);
                })
        .orElseGet(() -> Unavailable.missing(file + " has no measurement of it", "mvn verify"));
  }
}
