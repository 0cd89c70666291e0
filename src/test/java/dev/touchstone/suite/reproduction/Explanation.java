package dev.touchstone.suite.reproduction;

import dev.touchstone.suite.audit.Formula;
import dev.touchstone.suite.audit.Rule;
import dev.touchstone.suite.claim.Basis;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.claim.Expectation;
import dev.touchstone.suite.claim.Printed;
import dev.touchstone.suite.claim.Statement;
import dev.touchstone.suite.claim.Yardstick;
import dev.touchstone.suite.golden.ClaimCatalog;
import dev.touchstone.suite.golden.ClaimCatalog.Check;
import dev.touchstone.suite.golden.SlackFile;
import dev.touchstone.suite.observation.Tier;
import dev.touchstone.suite.page.ClaimPages;
import dev.touchstone.suite.verdict.Ledger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Says what a claim is held against and what judging it takes. */
final class Explanation {
  private final Claim claim;
  private final Statement statement;
  private final double relativeSlack;
  private final StringBuilder text = new StringBuilder();

  private Explanation(Claim claim, double relativeSlack) {
    this.claim = claim;
    this.relativeSlack = relativeSlack;
    this.statement = claim.statement();
  }

  /**
   * The explanation, over several lines. It measures nothing but how fast a pass goes here, where
   * any is missing.
   */
  static String of(
      Claim claim, ClaimCatalog catalog, Ledger ledger, SlackFile slack, Instruments rehearsing) {
    Explanation explanation = new Explanation(claim, slack.relative("cpu"));
    explanation.claimed();
    explanation.looked();
    explanation.passes(rehearsing);
    explanation.checks(catalog.checks(claim));
    explanation.line(
        "ledger",
        ledger
            .entry(claim)
            .map(
                known -> "%s since %s: %s".formatted(known.verdict(), known.date(), known.reason()))
            .orElse("knows nothing against it"));
    explanation.line("alone by", ClaimPages.command(claim));
    return explanation.text.toString();
  }

  private void line(String name, String value) {
    if (!value.isEmpty()) {
      text.append(String.format(Locale.ROOT, "  %-11s %s%n", name, value));
    }
  }

  private void claimed() {
    text.append(String.format("%s%n%s%n", claim.id(), claim.displayName()));
    line("expected", statement.expectation().text());
    line("unit", statement.unit().word());
    line("tolerance", tolerance());
    line("severity", claim.severity().word());
    line("printed in", String.join(", ", claim.source()));
    line("written at", claim.place().toString());
  }

  private String tolerance() {
    if (claim.hardwareBound()) {
      return "not judged: an absolute speed belongs to its machine";
    }
    Expectation expectation = statement.expectation();
    Yardstick yardstick = new Yardstick(statement.unit(), claim.tolerance(), relativeSlack);
    double allowance = expectation.allowance(yardstick);
    List<Printed> figures = expectation.figures();
    if (figures.isEmpty() || expectation instanceof Expectation.Sign) {
      return "none: nothing is rounded in what is compared";
    }
    Printed figure = figures.get(figures.size() - 1);
    boolean bound =
        expectation instanceof Expectation.AtMost || expectation instanceof Expectation.AtLeast;
    String amount =
        expectation instanceof Expectation.Draw
            ? "the interval that repeats give, ±" + figure.write(allowance)
            : bound ? figure.write(allowance) + " past the bound" : "±" + figure.write(allowance);
    if (claim.tolerance().isPresent()) {
      return "%s, from %s as the claim states".formatted(amount, claim.tolerance().get().text());
    }
    if (statement.unit().isExact(figure)) {
      return "none: a count is printed exactly";
    }
    boolean rounded = allowance >= figure.halfLastDigit();
    return rounded && !(expectation instanceof Expectation.Identity)
        ? amount + ", half a unit of the last printed digit and what floats are off by on a CPU"
        : amount + ", what floats are off by on a CPU";
  }

  private void looked() {
    if (statement.basis() instanceof Basis.Measurement measurement) {
      line("observable", measurement.path());
      if (measurement.path().contains("[") || measurement.path().contains("{")) {
        Formula.parse(measurement.path()).paths().stream()
            .map(Formula.Path::text)
            .distinct()
            .forEach(path -> line("  reads", path));
      }
    }
    line("subject", claim.subject());
    line("tier", statement.tier().word() + ": " + extent());
    line("by design", claim.construction().map(why -> "no model can change it, " + why).orElse(""));
  }

  private String extent() {
    return switch (statement.tier()) {
      case NONE -> "no pass over text";
      case TWO_K -> "the first 2048 tokens";
      case FULL -> "every token that the report used";
    };
  }

  private void passes(Instruments rehearsing) {
    if (statement.basis() instanceof Basis.NotYet notYet) {
      line("needs", "what Touchstone does not measure: " + notYet.reason());
    } else if (statement.basis() instanceof Basis.PrintedFigures) {
      line("needs", "nothing but the other printed figures");
    } else if (claim.subject().equals(Claim.FORMULAS)) {
      line("needs", "arithmetic alone");
    } else if (Optional.ofNullable(rehearsing.experiments().bench(claim.subject())).isEmpty()) {
      line("needs", "some seconds at most; none of it is kept");
    } else {
      counted(rehearsing);
    }
  }

  private void counted(Instruments rehearsing) {
    Plan plan =
        Rehearsals.of(
            rehearsing, claim.subject(), Tier.FULL, List.of(claim), claim.report()::equals);
    if (!plan.beside().isEmpty()) {
      String why = String.join("; ", plan.beside().keySet());
      line("passes", "cannot be counted: " + why);
      return;
    }
    if (plan.parts().isEmpty()) {
      line("passes", "none");
      return;
    }
    double missing = plan.missing().gflop();
    String time =
        missing > 0
            ? time(plan, Rehearsals.speed(rehearsing.experiments().bench(claim.subject())))
            : "";
    line(
        "passes",
        String.format(
            Locale.ROOT, "%d missing, %.0f GFLOP%s", plan.missing().passes(), missing, time));
    line(
        "kept",
        String.format(
            Locale.ROOT,
            "%d passes, %.0f GFLOP, in the record",
            plan.kept().passes(),
            plan.kept().gflop()));
  }

  private static String time(Plan plan, Plan.Speed speed) {
    return String.format(
        Locale.ROOT,
        ": %s (%s: %.0f GFLOP/s)",
        speed.time(plan.missing()),
        speed.where(),
        speed.rate());
  }

  /** Each rule once, for whichever cells of a column it was evaluated. */
  private void checks(List<Check> checks) {
    Map<Rule, List<String>> claims = new LinkedHashMap<>();
    checks.forEach(
        check ->
            claims.computeIfAbsent(check.rule(), rule -> new ArrayList<>()).add(check.claim()));
    claims.forEach(
        (rule, those) ->
            line(
                "checked by",
                "%s%s, of %s"
                    .formatted(
                        rule.derived() ? "the figure is " + rule.source() : rule.source(),
                        rule.because().map(why -> " (" + why + ")").orElse(""),
                        those.contains(claim.id()) && those.size() == 1
                            ? "this claim"
                            : those.size() == 1
                                ? those.get(0)
                                : those.size() + " claims, first " + those.get(0))));
  }
}
