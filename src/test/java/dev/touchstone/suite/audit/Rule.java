package dev.touchstone.suite.audit;

import dev.touchstone.statistics.Interval;
import dev.touchstone.suite.audit.Figures.Figure;
import dev.touchstone.suite.audit.Finding.Evidence;
import dev.touchstone.suite.audit.Finding.Remark;
import dev.touchstone.suite.audit.Value.Condition;
import dev.touchstone.suite.audit.Value.Name;
import dev.touchstone.suite.audit.Value.Nothing;
import dev.touchstone.suite.audit.Value.Real;
import dev.touchstone.suite.audit.Value.Span;
import dev.touchstone.suite.claim.Digits;
import dev.touchstone.suite.claim.Place;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a claim's file says must hold among printed figures.
 *
 * @param derived whether the expression gives the claim's own figure; else it is a condition
 * @param source the expression as written
 * @param because the reason, for the account
 * @param place where the expression is written
 */
public record Rule(
    boolean derived, String source, Expression expression, Optional<String> because, Place place) {
  /**
   * Evaluates it; empty when a figure it needs is not printed.
   *
   * @throws ExpressionException when the expression has no meaning where it stands
   */
  public Optional<Remark> remark(Evaluation scope) {
    Value value = expression.evaluate(scope);
    if (value instanceof Nothing) {
      return Optional.empty();
    }
    return Optional.of(derived ? compared(value, scope) : decided(value, scope));
  }

  private Remark compared(Value value, Evaluation scope) {
    Figure own = scope.own().orElseThrow();
    Value said = scope.trace().value(own);
    if (value instanceof Real implied && said instanceof Real printed) {
      return compared(implied, printed, own, scope);
    }
    if (value instanceof Real implied && said instanceof Span range) {
      Interval whole = range.low().interval().hull(range.high().interval());
      return compared(implied, new Real(whole, range.high().percent()), own, scope);
    }
    if (value instanceof Name implied && said instanceof Name printed) {
      boolean apart = implied.possible().stream().noneMatch(printed.possible()::contains);
      return remark(apart, "%s is %s, and %s is printed", scope, source, implied, own.text());
    }
    throw new ExpressionException(
        expression.column(),
        "the claim prints %s and the expression gives %s"
            .formatted(said.article(), value.article()));
  }

  private Remark compared(Real implied, Real printed, Figure own, Evaluation scope) {
    boolean apart = Truth.apart(implied.interval(), printed.interval());
    boolean percent = implied.percent() || printed.percent();
    return remark(
        apart,
        "%s is %s, and %s is printed%s%s",
        scope,
        source,
        Digits.of(implied.interval(), percent),
        own.text(),
        printed.interval().isPoint()
            ? ""
            : ", which stands for " + Digits.of(printed.interval(), percent),
        apart
            ? ": off by " + Digits.gap(implied.interval().distance(printed.interval()), percent)
            : "");
  }

  private Remark decided(Value value, Evaluation scope) {
    if (!(value instanceof Condition condition)) {
      throw new ExpressionException(
          expression.column(), "a check is a condition such as ppl < 30, not " + value.article());
    }
    return switch (condition.truth()) {
      case TRUE -> remark(false, "%s", scope, source);
      case UNDECIDED -> remark(false, "%s, as far as the printed digits tell", scope, source);
      case FALSE ->
          remark(
              true,
              "%s",
              scope,
              scope.trace().falsehoods().isEmpty()
                  ? source + " does not hold"
                  : String.join("; ", scope.trace().falsehoods()));
    };
  }

  /** A sentence: of a contradiction the reason, what is off, and which figures are meant. */
  private Remark remark(boolean apart, String sentence, Evaluation scope, Object... values) {
    String reason = apart ? because.map(each -> each + ": ").orElse("") : "";
    String said = reason + sentence.formatted(values);
    return new Remark(apart, capitalized(said), evidence(scope));
  }

  private static List<Evidence> evidence(Evaluation scope) {
    return scope.trace().figures().values().stream()
        .map(
            figure ->
                new Evidence(
                    figure.id(),
                    figure.text(),
                    scope.trace().value(figure) instanceof Real real && !real.interval().isPoint()
                        ? real.toString()
                        : ""))
        .toList();
  }

  // A sentence may begin with a word; an expression's first name stays as it is written.
  private String capitalized(String account) {
    return because.filter(account::startsWith).isPresent()
        ? account.substring(0, 1).toUpperCase(Locale.ROOT) + account.substring(1)
        : account;
  }
}
