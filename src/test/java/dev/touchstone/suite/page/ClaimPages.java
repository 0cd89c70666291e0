package dev.touchstone.suite.page;

import dev.touchstone.suite.audit.Finding;
import dev.touchstone.suite.claim.Assessment;
import dev.touchstone.suite.claim.Basis;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.claim.Expectation;
import dev.touchstone.suite.golden.ClaimCatalog;
import dev.touchstone.suite.page.ClaimPage.Evidence;
import dev.touchstone.suite.page.ClaimPage.Fact;
import dev.touchstone.suite.verdict.Grounds;
import dev.touchstone.suite.verdict.Ledger;
import dev.touchstone.suite.verdict.Ledger.Standing;
import dev.touchstone.suite.verdict.Outcome;
import dev.touchstone.suite.verdict.Run;
import dev.touchstone.suite.verdict.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Gathers what a run knows, claim by claim. */
public final class ClaimPages {
  private static final String TRUNCATION =
      "All would agree if the printed digits were cut off instead of rounded; rounded, no values agree.";

  private final Run run;
  private final Ledger ledger;

  private ClaimPages(Run run, Ledger ledger) {
    this.run = run;
    this.ledger = ledger;
  }

  /** Every claim of a run, by its id, in the order of the claim files. */
  public static Map<String, ClaimPage> of(Run run, Ledger ledger) {
    ClaimPages pages = new ClaimPages(run, ledger);
    return run.verdicts().stream()
        .map(pages::page)
        .collect(
            Collectors.toMap(
                ClaimPage::id, Function.identity(), (one, other) -> one, LinkedHashMap::new));
  }

  /** A claim as far as a run knows it. */
  public static ClaimPage of(Run run, Ledger ledger, Verdict verdict) {
    return new ClaimPages(run, ledger).page(verdict);
  }

  private ClaimPage page(Verdict verdict) {
    Claim claim = verdict.claim();
    return new ClaimPage(
        claim.id(),
        claim.displayName(),
        claim.report(),
        claim.part().orElse(""),
        claim.statement().text(),
        verdict.outcome(),
        verdict.word(),
        sentence(verdict),
        claim.severity().word(),
        facts(verdict),
        evidence(verdict.audit()),
        truncation(verdict),
        answers(claim),
        shifts(claim),
        falls(claim),
        run.drawings().stream().filter(drawing -> drawing.shows(claim)).toList(),
        known(verdict),
        command(claim),
        claim.place().toString(),
        claim.source(),
        details(verdict),
        ledger.standing(verdict, false) instanceof Standing.Conflict,
        verdict.seconds());
  }

  /** The verdict and why, in people's words: of what is known not to hold, the ledger's. */
  private String sentence(Verdict verdict) {
    String seen = verdict.measured().map(Assessment::measured).orElse("");
    String expected = verdict.claim().statement().expectation().text();
    return switch (verdict.outcome()) {
      case REFUTED, INCONSISTENT ->
          ledger
              .entry(verdict.claim())
              .filter(entry -> entry.verdict() == verdict.outcome())
              .map(entry -> sentence(entry.reason()))
              .or(() -> contradiction(verdict.audit()))
              .orElse(verdict.reason());
      case REPRODUCED ->
          switch (verdict.grounds().orElseThrow()) {
            case MEASURED -> measured(verdict, seen, expected);
            case BY_CONSTRUCTION ->
                sentence(
                    "Measured %s, as it must be: %s"
                        .formatted(seen, verdict.claim().construction().orElse("")));
            case RECOMPUTED ->
                seen.isEmpty()
                    ? "What is printed elsewhere agrees with it; nothing was measured."
                    : "Worked out %s, as printed; nothing was measured.".formatted(seen);
          };
      case NOT_EVALUATED -> sentence(verdict.reason());
      case HARDWARE_BOUND -> verdict.reason();
    };
  }

  private static String measured(Verdict verdict, String seen, String expected) {
    if (verdict.claim().statement().expectation() instanceof Expectation.Value) {
      return "Measured %s, and %s is printed: within the tolerance of %s."
          .formatted(seen, expected, verdict.measured().orElseThrow().tolerance());
    }
    return "Measured %s, where %s is claimed.".formatted(seen, expected);
  }

  private static Optional<String> contradiction(Finding finding) {
    return finding.isContradiction()
        ? Optional.of(finding.telling().get(0).sentence() + ".")
        : Optional.empty();
  }

  private static String sentence(String clause) {
    String capital = clause.substring(0, 1).toUpperCase(Locale.ROOT) + clause.substring(1);
    return capital.endsWith(".") ? capital : capital + ".";
  }

  private static List<Fact> facts(Verdict verdict) {
    Optional<Assessment> measured = verdict.measured();
    return filled(
        new Fact("printed", verdict.claim().statement().expectation().text()),
        new Fact("measured", measured.map(Assessment::measured).orElse("")),
        new Fact("difference", measured.map(Assessment::difference).orElse("")),
        new Fact("tolerance", measured.map(Assessment::tolerance).orElse("")),
        new Fact("95% interval", measured.map(Assessment::interval).orElse("")),
        new Fact("found with", verdict.conditions()),
        new Fact("the original", verdict.claim().original().orElse("")));
  }

  private static List<Fact> details(Verdict verdict) {
    Claim claim = verdict.claim();
    boolean measured = verdict.measured().isPresent();
    return filled(
        new Fact("stands on", verdict.grounds().map(Grounds::words).orElse("")),
        new Fact(
            "observed as",
            claim.statement().basis() instanceof Basis.Measurement measurement
                ? measurement.path()
                : ""),
        new Fact("subject", claim.subject()),
        new Fact("SHA-256", verdict.subjectHash()),
        new Fact("text", claim.statement().tier().word()),
        new Fact("unit", claim.statement().unit().word()),
        new Fact("severity", claim.severity().word()),
        new Fact("device", measured ? verdict.environment().device() : ""),
        new Fact("seconds", measured ? String.format(Locale.ROOT, "%.1f", verdict.seconds()) : ""),
        new Fact("losses", verdict.lossSource()),
        new Fact("supplied by", verdict.remedy().orElse("")));
  }

  private static List<Fact> filled(Fact... facts) {
    return List.of(facts).stream().filter(fact -> !fact.value().isEmpty()).toList();
  }

  private List<Evidence> evidence(Finding finding) {
    Map<String, Evidence> byId = new LinkedHashMap<>();
    finding.telling().stream()
        .flatMap(remark -> remark.evidence().stream())
        .forEach(
            each ->
                byId.putIfAbsent(
                    each.id(),
                    new Evidence(each.text(), each.id(), says(each.id()), each.meant())));
    return List.copyOf(byId.values());
  }

  private String says(String id) {
    ClaimCatalog catalog = run.catalog();
    return catalog
        .claim(id)
        .map(Claim::displayName)
        .orElseGet(
            () ->
                catalog.tables().stream()
                    .filter(table -> id.startsWith(table.id() + ":"))
                    .findFirst()
                    .map(table -> table.key().replace('-', ' ') + ", which names the row")
                    .orElse(""));
  }

  private static String truncation(Verdict verdict) {
    boolean only =
        verdict.outcome() == Outcome.INCONSISTENT
            ? verdict.audit().whereTruncated()
            : verdict.outcome() == Outcome.REFUTED
                && verdict.measured().filter(Assessment::holdsTruncated).isPresent();
    return only ? TRUNCATION : "";
  }

  private List<ClaimPage.Answer> answers(Claim claim) {
    List<ClaimPage.Answer> answers = new ArrayList<>();
    run.asked()
        .forEach(
            subject ->
                run.replica(subject, claim)
                    .ifPresent(
                        replica ->
                            answers.add(
                                new ClaimPage.Answer(
                                    subject.name(),
                                    replica.answer().words(),
                                    replica.statement().text(),
                                    replica
                                        .measured()
                                        .map(Assessment::measured)
                                        .orElse(replica.reason()),
                                    replica.measured().map(Assessment::interval).orElse("")))));
    return answers;
  }

  private List<ClaimPage.Shift> shifts(Claim claim) {
    return run.sensitivities().stream()
        .flatMap(
            sensitivity ->
                sensitivity.shifts().stream()
                    .filter(shift -> shift.claim().equals(claim))
                    .filter(shift -> !shift.reported().equals(shift.varied()))
                    .map(
                        shift ->
                            new ClaimPage.Shift(
                                sensitivity.subject(),
                                sensitivity.protocol().words(),
                                shift.reported().measured(),
                                shift.varied().measured(),
                                shift.changesAnswer())))
        .toList();
  }

  private List<ClaimPage.Fall> falls(Claim claim) {
    return run.falls().stream()
        .filter(fall -> fall.claim().equals(claim))
        .map(
            fall ->
                new ClaimPage.Fall(
                    fall.subject(), fall.fault().says(), fall.sound(), fall.faulty()))
        .toList();
  }

  private String known(Verdict verdict) {
    Standing standing = ledger.standing(verdict, false);
    if (standing instanceof Standing.Known known) {
      return "Known since %s: golden/ledger.yaml has it.".formatted(known.entry().date());
    }
    return standing instanceof Standing.Conflict conflict ? conflict.sentence() : "";
  }

  /** What judges it alone, with what it takes. */
  public static String command(Claim claim) {
    String alone =
        "mvn verify -Dgroups=%s -Dtouchstone.claim=%s".formatted(claim.report(), claim.id());
    boolean elsewhere =
        claim.statement().basis() instanceof Basis.Measurement
            && List.of("gpt2", "corpus").contains(claim.subject());
    if (!elsewhere) {
      return alone;
    }
    return alone
        + switch (claim.statement().tier()) {
          case NONE -> " -Dtouchstone.download";
          case TWO_K -> " -Ppaper";
          case FULL -> " -Ppaper-full";
        };
  }
}
