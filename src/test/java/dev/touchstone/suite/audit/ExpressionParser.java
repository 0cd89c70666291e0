package dev.touchstone.suite.audit;

import dev.touchstone.suite.audit.Expression.Aggregate;
import dev.touchstone.suite.audit.Expression.Arithmetic;
import dev.touchstone.suite.audit.Expression.Arithmetic.Operator;
import dev.touchstone.suite.audit.Expression.Call;
import dev.touchstone.suite.audit.Expression.Call.Operation;
import dev.touchstone.suite.audit.Expression.Cell;
import dev.touchstone.suite.audit.Expression.Comparison;
import dev.touchstone.suite.audit.Expression.Comparison.Link;
import dev.touchstone.suite.audit.Expression.Comparison.Relation;
import dev.touchstone.suite.audit.Expression.Comparison.Side;
import dev.touchstone.suite.audit.Expression.Extreme;
import dev.touchstone.suite.audit.Expression.Id;
import dev.touchstone.suite.audit.Expression.Junction;
import dev.touchstone.suite.audit.Expression.Keyed;
import dev.touchstone.suite.audit.Expression.Literal;
import dev.touchstone.suite.audit.Expression.Measured;
import dev.touchstone.suite.audit.Expression.Negated;
import dev.touchstone.suite.audit.Expression.Not;
import dev.touchstone.suite.audit.Expression.Own;
import dev.touchstone.suite.audit.Expression.Previous;
import dev.touchstone.suite.audit.Expression.Quoted;
import dev.touchstone.suite.audit.Expression.Restricted;
import dev.touchstone.suite.audit.Expression.WholeColumn;
import dev.touchstone.suite.claim.Complaint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads expressions over printed figures or measured paths, by recursive descent.
 *
 * <pre>
 * rule       = condition [ "where" condition ]
 * condition  = conjunct { "or" conjunct }
 * conjunct   = denial { "and" denial }
 * denial     = "not" denial | comparison
 * comparison = sum { ("&lt;" | "&lt;=" | "&gt;" | "&gt;=" | "=" | "!=") sum }    a &lt; b &lt; c is a &lt; b and b &lt; c
 * sum        = product { ("+" | "-") product }
 * product    = factor { ("*" | "/") factor }
 * factor     = "-" factor | power
 * power      = primary [ "^" factor ]
 * primary    = number [ "%" ] | "'" name "'" | "[" path "]" | "(" condition ")" | "value" | call | reference
 * call       = function "(" condition { "," condition } [ "where" condition ] ")"
 * reference  = column [ "[" key "]" | "[*]" ]            of the claim's own table
 *            | table ":" column [ "[" key "]" | "[*]" ]  exp06:t02:ratio[64]
 *            | id [ "/" suffix ]                         exp06:t02:r05:c3, exp06:p05/pc1
 * path       = an observable's, with {name:1..10} or {name:1,3,8} for a range and {name} for the same again
 * </pre>
 *
 * A column's name may hold hyphens, so a minus needs spaces around it; an id's suffix follows its
 * slash at once, so a division needs spaces too.
 */
public final class ExpressionParser {
  private static final Pattern NUMBER = Pattern.compile("\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?");
  private static final String NAME = "[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*";
  private static final Pattern REFERENCE =
      Pattern.compile(
          "(?<table>[a-z][a-z0-9]*:t\\d+):(?<column>(?!r\\d+:)"
              + NAME
              + ")|(?<id>[a-z][a-z0-9]*(?::[a-z]+\\d+)+(?:/"
              + NAME
              + ")?)|(?<name>"
              + NAME
              + ")");
  private static final Set<String> WORDS = Set.of("and", "or", "not", "where");

  /** Far beyond any that is read by people; each takes a part of the stack. */
  private static final int DEEPEST = 50;

  private static final int LONGEST = 1000;

  private final String text;
  private int at;
  private int depth;

  private ExpressionParser(String text) {
    this.text = text;
  }

  /**
   * Reads one expression.
   *
   * @throws ExpressionException when it cannot be read, with the column that shows why
   */
  public static Expression parse(String text) {
    if (text.length() > LONGEST) {
      throw new ExpressionException(
          LONGEST + 1, "an expression has at most " + LONGEST + " characters; make it two");
    }
    ExpressionParser parser = new ExpressionParser(text);
    Expression expression = parser.condition();
    int column = parser.column();
    if (parser.takeWord("where")) {
      expression = new Restricted(column, expression, parser.condition());
    }
    if (parser.at < text.length()) {
      throw parser.unexpected("an operator or the end");
    }
    return expression;
  }

  private Expression condition() {
    return deeper(() -> junction("or", () -> junction("and", this::denial)));
  }

  private Expression deeper(Supplier<Expression> inner) {
    if (++depth > DEEPEST) {
      throw new ExpressionException(
          column(), "this stands inside " + DEEPEST + " others; an expression is no deeper");
    }
    Expression expression = inner.get();
    depth--;
    return expression;
  }

  private Expression junction(String word, Supplier<Expression> operand) {
    Expression left = operand.get();
    for (int column = column(); takeWord(word); column = column()) {
      left = new Junction(column, word.equals("and"), left, operand.get());
    }
    return left;
  }

  private Expression denial() {
    int column = column();
    return takeWord("not") ? new Not(column, deeper(this::denial)) : comparison();
  }

  private Expression comparison() {
    List<Side> sides = new ArrayList<>(List.of(side()));
    List<Link> links = new ArrayList<>();
    while (true) {
      int column = column();
      Optional<Relation> relation = relation();
      if (relation.isEmpty()) {
        return links.isEmpty() ? sides.get(0).expression() : new Comparison(sides, links);
      }
      links.add(new Link(column, relation.get()));
      sides.add(side());
    }
  }

  private Side side() {
    int start = column();
    Expression expression = sum();
    return new Side(expression, text.substring(start - 1, at).strip());
  }

  private Optional<Relation> relation() {
    // Longest first: "<=" begins with "<".
    return Stream.of(
            Relation.AT_MOST,
            Relation.AT_LEAST,
            Relation.UNEQUAL,
            Relation.LESS,
            Relation.MORE,
            Relation.EQUAL)
        .filter(relation -> take(relation.sign()))
        .findFirst();
  }

  private Expression sum() {
    Expression left = product();
    while (true) {
      int column = column();
      if (take("+")) {
        left = new Arithmetic(column, Operator.PLUS, left, product());
      } else if (take("-")) {
        left = new Arithmetic(column, Operator.MINUS, left, product());
      } else {
        return left;
      }
    }
  }

  private Expression product() {
    Expression left = factor();
    while (true) {
      int column = column();
      if (take("*")) {
        left = new Arithmetic(column, Operator.TIMES, left, factor());
      } else if (take("/")) {
        left = new Arithmetic(column, Operator.DIVIDED_BY, left, factor());
      } else {
        return left;
      }
    }
  }

  private Expression factor() {
    int column = column();
    if (take("-")) {
      return new Negated(column, deeper(this::factor));
    }
    Expression base = primary();
    int sign = column();
    return take("^")
        ? new Arithmetic(sign, Operator.TO_THE_POWER, base, deeper(this::factor))
        : base;
  }

  private Expression primary() {
    int column = column();
    Matcher number = match(NUMBER);
    if (number != null) {
      double value = Double.parseDouble(number.group());
      // No space before it: "5 %" is not how anybody writes a percentage.
      boolean percent = at < text.length() && text.charAt(at) == '%';
      at += percent ? 1 : 0;
      return new Literal(column, percent ? value / 100 : value, percent);
    }
    if (take("'")) {
      return new Quoted(column, until('\'', column));
    }
    if (take("[")) {
      return new Measured(column, Ranges.parse(until(']', column), column + 1));
    }
    if (take("(")) {
      Expression inner = condition();
      expect(")");
      return inner;
    }
    Matcher reference = match(REFERENCE);
    if (reference == null || WORDS.contains(reference.group())) {
      at = column - 1;
      throw unexpected("a number, a column, an id, a function or \"(\"");
    }
    return reference(column, reference);
  }

  private Expression reference(int column, Matcher reference) {
    if (reference.group("id") != null) {
      return new Id(column, reference.group("id"));
    }
    if (reference.group("table") != null) {
      String table = reference.group("table");
      String name = reference.group("column");
      return key(column)
          .<Expression>map(key -> new Keyed(column, Optional.of(table), name, key))
          .orElseGet(() -> new WholeColumn(column, table, name));
    }
    String name = reference.group("name");
    if (take("(")) {
      return call(column, name);
    }
    if (name.equals("value")) {
      return new Own(column);
    }
    return key(column)
        .<Expression>map(key -> new Keyed(column, Optional.empty(), name, key))
        .orElseGet(() -> new Cell(column, name));
  }

  // [*] is the whole column, which is what the bare name means where a whole column may stand.
  private Optional<String> key(int column) {
    if (at >= text.length() || text.charAt(at) != '[') {
      return Optional.empty();
    }
    at++;
    String key = until(']', column).strip();
    return key.equals("*") ? Optional.empty() : Optional.of(key);
  }

  private Expression call(int column, String function) {
    List<Expression> arguments = new ArrayList<>();
    do {
      arguments.add(condition());
    } while (take(","));
    Optional<Expression> filter = takeWord("where") ? Optional.of(condition()) : Optional.empty();
    expect(")");

    boolean extreme = function.equals("min") || function.equals("max");
    if (extreme && arguments.size() > 1 && filter.isEmpty()) {
      return new Extreme(column, function.equals("max"), arguments);
    }
    Optional<Aggregation> aggregation = Aggregation.named(function);
    if (aggregation.isPresent()) {
      requireArguments(column, function, aggregation.get().arguments(), arguments);
      return new Aggregate(column, aggregation.get(), arguments, filter);
    }
    if (filter.isPresent()) {
      throw new ExpressionException(column, function + " goes over no rows and takes no where");
    }
    if (function.equals("previous")) {
      requireArguments(column, function, 1, arguments);
      return new Previous(column, arguments.get(0));
    }
    Operation known =
        Arrays.stream(Operation.values())
            .filter(each -> word(each).equals(function))
            .findFirst()
            .orElseThrow(
                () ->
                    new ExpressionException(
                        column,
                        "there is no function %s; there are %s"
                            .formatted(function, Complaint.alternatives(functions()))));
    requireArguments(column, function, 1, arguments);
    return new Call(column, known, arguments.get(0));
  }

  private static void requireArguments(
      int column, String function, int count, List<Expression> arguments) {
    if (arguments.size() != count) {
      throw new ExpressionException(
          column,
          "%s takes %d argument%s, not %d"
              .formatted(function, count, count == 1 ? "" : "s", arguments.size()));
    }
  }

  private static List<String> functions() {
    return Stream.of(
            Arrays.stream(Operation.values()).map(ExpressionParser::word),
            Stream.of("previous"),
            Aggregation.words().stream())
        .flatMap(words -> words)
        .toList();
  }

  private static String word(Operation operation) {
    return operation.name().toLowerCase(Locale.ROOT);
  }

  private String until(char end, int column) {
    int close = text.indexOf(end, at);
    if (close < 0) {
      throw new ExpressionException(column, "\"" + end + "\" is missing after this");
    }
    String inside = text.substring(at, close);
    at = close + 1;
    return inside;
  }

  private Matcher match(Pattern pattern) {
    Matcher matcher = pattern.matcher(text).region(at, text.length());
    if (!matcher.lookingAt()) {
      return null;
    }
    at = matcher.end();
    return matcher;
  }

  private boolean take(String sign) {
    skipSpace();
    if (!text.startsWith(sign, at)) {
      return false;
    }
    at += sign.length();
    return true;
  }

  private boolean takeWord(String word) {
    int end = at + word.length();
    if (!text.startsWith(word, at)
        || end < text.length() && (Character.isLetterOrDigit(text.charAt(end)))) {
      return false;
    }
    at = end;
    return true;
  }

  private void expect(String sign) {
    if (!take(sign)) {
      throw unexpected("\"" + sign + "\"");
    }
  }

  private ExpressionException unexpected(String wanted) {
    String found = at < text.length() ? "\"" + text.substring(at, at + 1) + "\"" : "the end";
    Matcher word = match(REFERENCE);
    return new ExpressionException(
        word == null ? at + 1 : word.start() + 1,
        "%s is wanted here, not %s"
            .formatted(wanted, word == null ? found : "\"" + word.group() + "\""));
  }

  private int column() {
    skipSpace();
    return at + 1;
  }

  private void skipSpace() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }
}
