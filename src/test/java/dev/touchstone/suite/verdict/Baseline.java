package dev.touchstone.suite.verdict;

import dev.touchstone.statistics.Interval;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.claim.Expectation;
import dev.touchstone.suite.claim.Statement;
import dev.touchstone.suite.claim.Yardstick;
import dev.touchstone.suite.golden.ClaimCatalog;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observation.Names;
import dev.touchstone.suite.observation.Observation.Quantity;
import dev.touchstone.suite.observation.Observation.Series;
import dev.touchstone.suite.verdict.Change.What;
import dev.touchstone.suite.verdict.Ledger.Standing;
import dev.touchstone.suite.verdict.StoredVerdict.Known;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Says what is otherwise than in an earlier run. */
record Baseline(EarlierRun earlier, ClaimCatalog catalog, Ledger ledger) {
  /**
   * Every change, in the order of the claim files, and last the claims that are no more. Of a claim
   * that only one of the runs was about nothing is said.
   */
  List<Change> changes(Run run) {
    List<Change> changes = new ArrayList<>();
    for (Claim claim : catalog.claims()) {
      if (!earlier.knew(claim.id())) {
        String text = claim.statement().text();
        changes.add(
            new Change(
                claim.id(), What.ADDED, "", text, "%s is new: %s.".formatted(claim.id(), text)));
      }
      earlier
          .verdict(claim.id())
          .ifPresent(
              then -> {
                run.verdict(claim).ifPresent(now -> compare(then, now, changes));
                Optional.ofNullable(run.failures().get(claim.id()))
                    .ifPresent(error -> changes.add(failed(then, error)));
              });
    }
    earlier.claims().stream()
        .filter(id -> catalog.claim(id).isEmpty())
        .sorted()
        .forEach(
            id ->
                changes.add(
                    new Change(
                        id,
                        What.REMOVED,
                        earlier.verdict(id).map(StoredVerdict::verdict).orElse(""),
                        "",
                        "%s is no claim any more.".formatted(id))));
    return changes;
  }

  /** How many claims only one of the runs judged. */
  long apart(Run run) {
    return catalog.claims().stream()
        .filter(claim -> earlier.knew(claim.id()) && !run.failures().containsKey(claim.id()))
        .filter(claim -> run.verdict(claim).isPresent() != earlier.verdict(claim.id()).isPresent())
        .count();
  }

  private static Change failed(StoredVerdict then, String error) {
    return new Change(
        then.claim(),
        What.VERDICT,
        then.verdict(),
        "",
        "%s was %s and has no verdict now, since measuring failed: %s."
            .formatted(then.claim(), then.verdict(), error));
  }

  private void compare(StoredVerdict then, Verdict verdict, List<Change> changes) {
    StoredVerdict now = StoredVerdict.of(verdict, ledger);
    if (!then.verdict().equals(now.verdict())) {
      changes.add(
          new Change(
              now.claim(),
              What.VERDICT,
              then.verdict(),
              now.verdict(),
              "%s was %s and is %s now, %s."
                  .formatted(
                      now.claim(),
                      then.verdict(),
                      verdict.word(),
                      known(ledger.standing(verdict, false)))));
    }
    Map<String, String> claimed = then.claimed();
    now.claimed()
        .forEach(
            (field, text) -> {
              String before = claimed.get(field);
              if (!text.equals(before)) {
                changes.add(change(now.claim(), What.CLAIM, "The claim's " + field, before, text));
              }
            });
    if (!then.ledger().equals(now.ledger())) {
      changes.add(
          change(
              now.claim(),
              What.LEDGER,
              "The ledger's entry",
              then.ledger().map(Known::words).orElse(""),
              now.ledger().map(Known::words).orElse("")));
    }
    if (then.observed().equals(now.observed()) && then.observation().isPresent()) {
      verdict
          .observation()
          .flatMap(seen -> moved(verdict, then.observation().get().observation(), seen))
          .ifPresent(changes::add);
    }
  }

  private static String known(Standing standing) {
    if (standing instanceof Standing.Known known) {
      return "as the ledger knows since " + known.entry().date();
    }
    if (standing instanceof Standing.Conflict) {
      return "which is not what the ledger knows, and fails";
    }
    return standing instanceof Standing.Open
        ? "which contradicts nothing"
        : "and the ledger knows nothing against it";
  }

  private static Change change(
      String claim, What what, String subject, String before, String after) {
    String sentence =
        before.isEmpty()
            ? "%s of %s is new: %s.".formatted(subject, claim, after)
            : after.isEmpty()
                ? "%s of %s is gone: %s.".formatted(subject, claim, before)
                : "%s of %s was %s and is %s now."
                    .formatted(subject, claim, quoted(before), quoted(after));
    return new Change(claim, what, before, after, sentence);
  }

  private static String quoted(String text) {
    return '"' + text + '"';
  }

  private static Optional<Change> moved(Verdict verdict, Observation then, Observation now) {
    Claim claim = verdict.claim();
    Statement statement = claim.statement();
    Expectation expectation = statement.expectation();
    Yardstick yardstick =
        new Yardstick(statement.unit(), claim.tolerance(), verdict.environment().relativeSlack());
    boolean alike = then.getClass().equals(now.getClass());
    String before = alike ? expectation.compare(then, yardstick).measured() : exact(then);
    String after = expectation.compare(now, yardstick).measured();
    double slack = verdict.environment().relativeSlack();
    boolean same =
        then instanceof Quantity was && now instanceof Quantity is
            ? near(was.value(), is.value(), expectation.allowance(yardstick), slack)
                || spreads(claim) && overlap(was, is)
            : then instanceof Series were && now instanceof Series are
                ? near(were.values(), are.values(), expectation.allowance(yardstick), slack)
                : before.equals(after);
    if (same) {
      return Optional.empty();
    }
    boolean digits = !before.equals(after);
    String tolerance = verdict.measured().orElseThrow().tolerance();
    return Optional.of(
        figure(
            claim,
            digits ? before : exact(then),
            digits ? after : exact(now),
            tolerance.isEmpty() ? "floats are off" : "the tolerance of " + tolerance));
  }

  private static Change figure(Claim claim, String before, String after, String allowed) {
    return new Change(
        claim.id(),
        What.FIGURE,
        before,
        after,
        "%s was measured as %s and is %s now, which is apart by more than %s."
            .formatted(claim.id(), before, after, allowed));
  }

  /** In all digits, where those of a claim show no difference. */
  private static String exact(Observation observation) {
    if (observation instanceof Quantity quantity) {
      return Double.toString(quantity.value());
    }
    return observation instanceof Series series
        ? series.values().toString()
        : String.join(", ", ((Names) observation).names());
  }

  private static boolean near(double was, double is, double allowance, double slack) {
    return Double.compare(was, is) == 0
        || Math.abs(is - was) <= Math.max(allowance, slack * Math.abs(was));
  }

  private static boolean near(List<Double> were, List<Double> are, double allowance, double slack) {
    boolean near = were.size() == are.size();
    for (int i = 0; near && i < were.size(); i++) {
      near = near(were.get(i), are.get(i), allowance, slack);
    }
    return near;
  }

  /** Whether the figure is another one each time, and its interval says how much. */
  private static boolean spreads(Claim claim) {
    return claim.hardwareBound() || claim.statement().expectation() instanceof Expectation.Draw;
  }

  private static boolean overlap(Quantity was, Quantity is) {
    Interval then = was.interval().orElse(Interval.point(was.value()));
    return then.distance(is.interval().orElse(Interval.point(is.value()))) == 0;
  }
}
