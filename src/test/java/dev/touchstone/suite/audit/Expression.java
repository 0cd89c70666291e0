package dev.touchstone.suite.audit;

import dev.touchstone.statistics.Interval;
import dev.touchstone.suite.audit.Figures.Figure;
import dev.touchstone.suite.audit.Figures.Row;
import dev.touchstone.suite.audit.Figures.Table;
import dev.touchstone.suite.audit.Value.Condition;
import dev.touchstone.suite.audit.Value.Name;
import dev.touchstone.suite.audit.Value.Nothing;
import dev.touchstone.suite.audit.Value.Real;
import dev.touchstone.suite.audit.Value.Span;
import dev.touchstone.suite.claim.Complaint;
import dev.touchstone.suite.claim.Digits;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A computation over printed figures or over what is measured. Every figure stands for the interval
 * of values that round to it, so what comes out is the set of values the report's own digits allow;
 * what is measured stands for itself. {@link ExpressionParser} has the grammar.
 */
sealed interface Expression {
  /** Where it stands in its source, counted from 1. */
  int column();

  /** What it is made of. */
  List<Expression> operands();

  /**
   * What it comes to; {@link Nothing} when a figure it needs is not printed.
   *
   * @throws ExpressionException when it refers to what does not exist or combines what does not
   *     combine
   */
  Value evaluate(Evaluation scope);

  /** A number written in the expression, which stands for itself alone. */
  record Literal(int column, double number, boolean percent) implements Leaf {
    @Override
    public Value evaluate(Evaluation scope) {
      return new Real(Interval.point(number), percent);
    }
  }

  /** A name written in quotes. */
  record Quoted(int column, String text) implements Leaf {
    @Override
    public Value evaluate(Evaluation scope) {
      return Value.name(text);
    }
  }

  /** {@code value}: what the claim itself prints. */
  record Own(int column) implements Leaf {
    @Override
    public Value evaluate(Evaluation scope) {
      Figure own =
          scope
              .own()
              .orElseThrow(
                  () ->
                      new ExpressionException(
                          column, "\"value\" is what the claim prints, and it prints no figure"));
      return scope.trace().read(own);
    }
  }

  /** {@code [exp07/norm/11/mean]}: what is measured under a path. */
  record Measured(int column, Ranges path) implements Leaf {
    @Override
    public Value evaluate(Evaluation scope) {
      Readings readings =
          scope
              .readings()
              .orElseThrow(
                  () ->
                      new ExpressionException(
                          column,
                          "[%s] is measured, which only an observable may read; write a printed figure"
                              .formatted(path.text())));
      return Value.point(readings.numbers().applyAsDouble(path.at(readings.choice())));
    }
  }

  /**
   * {@code ppl}: the cell of a column in the row the claim stands in; {@code layer}: the value at
   * which a path's {@code {layer:0..11}} stands.
   */
  record Cell(int column, String name) implements Leaf {
    private static final Pattern NUMBER = Pattern.compile("\\d+(?:\\.\\d+)?");

    @Override
    public Value evaluate(Evaluation scope) {
      if (scope.readings().isPresent()) {
        String value = scope.readings().get().choice().get(name);
        return NUMBER.matcher(value).matches()
            ? Value.point(Double.parseDouble(value))
            : Value.name(value);
      }
      Row row =
          scope
              .row()
              .orElseThrow(
                  () ->
                      new ExpressionException(
                          column,
                          "\"%s\" would be a column, but the claim stands in no table; write a cell's id or exp06:t02:%s[key]"
                              .formatted(name, name)));
      return cell(scope, row.table(), row, name, column);
    }
  }

  /** {@code exp06:t02:ppl}: the cell of another table's column, in the row that is gone over. */
  record WholeColumn(int column, String table, String name) implements Leaf {
    @Override
    public Value evaluate(Evaluation scope) {
      Row row = scope.gone().get(table);
      if (row == null) {
        throw new ExpressionException(
            column,
            "%s:%s is a whole column; take one cell of it with [key], or put it in %s"
                .formatted(table, name, Complaint.alternatives(Aggregation.words())));
      }
      return cell(scope, table, row, name, column);
    }
  }

  /** {@code ppl[50]} or {@code exp06:t02:ppl[50]}: a column's cell in the row with that key. */
  record Keyed(int column, Optional<String> ofTable, String name, String key) implements Leaf {
    @Override
    public Value evaluate(Evaluation scope) {
      String id =
          ofTable
              .or(() -> scope.row().map(Row::table))
              .orElseThrow(
                  () ->
                      new ExpressionException(
                          column,
                          "the claim stands in no table; write exp06:t02:%s[%s]"
                              .formatted(name, key)));
      Table table = table(scope, id, column);
      scope.figures().goOver(table.rows().size(), column);
      List<Row> rows = table.rows().stream().filter(row -> row.key().equals(key)).toList();
      if (rows.isEmpty()) {
        throw new ExpressionException(
            column,
            "%s has no row \"%s\"; its rows are %s"
                .formatted(
                    id, key, String.join(", ", table.rows().stream().map(Row::key).toList())));
      }
      Row row =
          rows.stream()
              .filter(one -> one.cells().containsKey(name))
              .findFirst()
              .orElse(rows.get(0));
      return cell(scope, id, row, name, column);
    }
  }

  /** {@code exp10b:t01:r01:c1} or {@code exp06:p05/pc1}: the figure of a claim. */
  record Id(int column, String id) implements Leaf {
    @Override
    public Value evaluate(Evaluation scope) {
      Figure figure = scope.figures().figure(id).orElseThrow(() -> unknown(scope.figures()));
      return scope.trace().read(figure);
    }

    private ExpressionException unknown(Figures figures) {
      figures.goOver(figures.ids().size(), column);
      String near = Complaint.suggestion(id, figures.ids());
      return new ExpressionException(
          column,
          "no claim with a figure has the id %s%s"
              .formatted(
                  id,
                  near.isEmpty() ? "; write one such as exp06:t02:r05:c3 or exp06:p05/pc1" : near));
    }
  }

  /** What is made of nothing else. */
  sealed interface Leaf extends Expression {
    @Override
    default List<Expression> operands() {
      return List.of();
    }
  }

  /** {@code -x}. */
  record Negated(int column, Expression operand) implements Expression {
    @Override
    public List<Expression> operands() {
      return List.of(operand);
    }

    @Override
    public Value evaluate(Evaluation scope) {
      return on(operand, scope, Interval::negated);
    }
  }

  /** {@code x + y} and its like. */
  record Arithmetic(int column, Operator operator, Expression left, Expression right)
      implements Expression {
    /** What combines two numbers. */
    enum Operator {
      PLUS(Interval::plus),
      MINUS(Interval::minus),
      TIMES(Interval::times),
      DIVIDED_BY(Interval::dividedBy),
      TO_THE_POWER(Interval::power);

      private final BinaryOperator<Interval> combine;

      Operator(BinaryOperator<Interval> combine) {
        this.combine = combine;
      }
    }

    @Override
    public List<Expression> operands() {
      return List.of(left, right);
    }

    @Override
    public Value evaluate(Evaluation scope) {
      Optional<Real> a = number(left, scope);
      Optional<Real> b = number(right, scope);
      return value(a.flatMap(x -> b.map(y -> combined(x, y))));
    }

    private Real combined(Real x, Real y) {
      boolean percent =
          switch (operator) {
            case PLUS, MINUS -> x.percent() || y.percent();
            case TIMES -> x.percent() != y.percent();
            case DIVIDED_BY, TO_THE_POWER -> x.percent() && !y.percent();
          };
      return new Real(operator.combine.apply(x.interval(), y.interval()), percent);
    }
  }

  /** {@code x < y} and its like, and {@code x < y < z}, of which each part must hold. */
  record Comparison(List<Side> sides, List<Link> links) implements Expression {
    /**
     * What is compared.
     *
     * @param text as written
     */
    record Side(Expression expression, String text) {}

    /** What is said of a side and the next. */
    record Link(int column, Relation relation) {}

    /** What is said of two values. */
    enum Relation {
      LESS("<", "not below"),
      AT_MOST("<=", "above"),
      MORE(">", "not above"),
      AT_LEAST(">=", "below"),
      EQUAL("=", "not"),
      UNEQUAL("!=", "the same as");

      private final String sign;
      private final String denial;

      Relation(String sign, String denial) {
        this.sign = sign;
        this.denial = denial;
      }

      /** As it is written. */
      String sign() {
        return sign;
      }

      private boolean isEquality() {
        return this == EQUAL || this == UNEQUAL;
      }

      private Truth holds(Interval a, Interval b) {
        return switch (this) {
          case LESS -> Truth.less(a, b);
          case AT_MOST -> Truth.atMost(a, b);
          case MORE -> Truth.less(b, a);
          case AT_LEAST -> Truth.atMost(b, a);
          case EQUAL -> Truth.equal(a, b);
          case UNEQUAL -> Truth.equal(a, b).not();
        };
      }
    }

    @Override
    public int column() {
      return links.get(links.size() - 1).column();
    }

    @Override
    public List<Expression> operands() {
      return sides.stream().map(Side::expression).toList();
    }

    @Override
    public Value evaluate(Evaluation scope) {
      List<Value> values = operands().stream().map(each -> each.evaluate(scope)).toList();
      Optional<Truth> all = Optional.of(Truth.TRUE);
      for (int i = 0; i < links.size(); i++) {
        all = Junction.combined(true, all, holds(i, values.get(i), values.get(i + 1), scope));
      }
      return all.<Value>map(Condition::new).orElseGet(Nothing::new);
    }

    private Optional<Truth> holds(int link, Value a, Value b, Evaluation scope) {
      if (a instanceof Nothing || b instanceof Nothing) {
        return Optional.empty();
      }
      Relation relation = links.get(link).relation();
      Truth truth;
      if (a instanceof Real x && b instanceof Real y) {
        truth = relation.holds(x.interval(), y.interval());
      } else if (a instanceof Name x && b instanceof Name y && relation.isEquality()) {
        Truth same = same(x.possible(), y.possible());
        truth = relation == Relation.EQUAL ? same : same.not();
      } else {
        throw new ExpressionException(
            links.get(link).column(),
            "\"%s\" cannot compare %s with %s".formatted(relation.sign, a.article(), b.article()));
      }
      if (truth == Truth.FALSE) {
        scope
            .trace()
            .isFalse(denial(relation, a, sides.get(link).text(), b, sides.get(link + 1).text()));
      }
      return Optional.of(truth);
    }

    private static Truth same(Set<String> a, Set<String> b) {
      Set<String> both = new HashSet<>(a);
      both.retainAll(b);
      if (both.isEmpty()) {
        return Truth.FALSE;
      }
      return a.size() == 1 && b.size() == 1 ? Truth.TRUE : Truth.UNDECIDED;
    }

    private static String denial(
        Relation relation, Value a, String leftText, Value b, String rightText) {
      boolean percent = a instanceof Real x && x.percent() || b instanceof Real y && y.percent();
      String left = shown(a, percent);
      String right = shown(b, percent);
      double gap =
          a instanceof Real x && b instanceof Real y ? x.interval().distance(y.interval()) : 0;
      return "%s%s, %s %s%s%s"
          .formatted(
              leftText.equals(left) ? "" : leftText + " is ",
              left,
              relation.denial,
              right,
              rightText.equals(right) ? "" : " (" + rightText + ")",
              gap == 0 ? "" : ": off by " + Digits.gap(gap, percent));
    }

    private static String shown(Value value, boolean percent) {
      return value instanceof Real real ? Digits.of(real.interval(), percent) : value.toString();
    }
  }

  /** {@code a and b}, {@code a or b}. */
  record Junction(int column, boolean conjunction, Expression left, Expression right)
      implements Expression {
    @Override
    public List<Expression> operands() {
      return List.of(left, right);
    }

    @Override
    public Value evaluate(Evaluation scope) {
      return combined(conjunction, truth(left, scope), truth(right, scope))
          .<Value>map(Condition::new)
          .orElseGet(Nothing::new);
    }

    private static Optional<Truth> combined(
        boolean conjunction, Optional<Truth> a, Optional<Truth> b) {
      if (a.isPresent() && b.isPresent()) {
        return Optional.of(conjunction ? a.get().and(b.get()) : a.get().or(b.get()));
      }
      // One side alone may decide.
      Truth decisive = Truth.of(!conjunction);
      return a.or(() -> b).filter(one -> one == decisive);
    }
  }

  /** {@code not a}. */
  record Not(int column, Expression operand) implements Expression {
    @Override
    public List<Expression> operands() {
      return List.of(operand);
    }

    @Override
    public Value evaluate(Evaluation scope) {
      // What is false inside is what holds outside.
      return truth(operand, scope.reading())
          .<Value>map(truth -> new Condition(truth.not()))
          .orElseGet(Nothing::new);
    }
  }

  /** {@code x where c}: what {@code x} is if the condition certainly holds, and else nothing. */
  record Restricted(int column, Expression operand, Expression condition) implements Expression {
    @Override
    public List<Expression> operands() {
      return List.of(operand, condition);
    }

    @Override
    public Value evaluate(Evaluation scope) {
      boolean applies = truth(condition, scope.silent()).equals(Optional.of(Truth.TRUE));
      Value value = operand.evaluate(applies ? scope : scope.silent());
      return applies ? value : new Nothing();
    }
  }

  /** {@code abs(x)}, {@code floor(x)}, {@code low(range)}, {@code high(range)}. */
  record Call(int column, Operation function, Expression operand) implements Expression {
    /** What takes one value. */
    enum Operation {
      ABS,
      FLOOR,
      LOW,
      HIGH
    }

    @Override
    public List<Expression> operands() {
      return List.of(operand);
    }

    @Override
    public Value evaluate(Evaluation scope) {
      return switch (function) {
        case ABS -> on(operand, scope, Interval::magnitude);
        case FLOOR -> on(operand, scope, Interval::floor);
        case LOW -> onRange(scope, Span::low);
        case HIGH -> onRange(scope, Span::high);
      };
    }

    private Value onRange(Evaluation scope, Function<Span, Real> end) {
      Value value = operand.evaluate(scope);
      if (value instanceof Span span) {
        return end.apply(span);
      }
      throw new ExpressionException(
          operand.column(), "a range such as 26-31% is wanted here, not " + value.article());
    }
  }

  /** {@code min(x, y)}, {@code max(x, y)} of two or more numbers. */
  record Extreme(int column, boolean largest, List<Expression> operands) implements Expression {
    @Override
    public Value evaluate(Evaluation scope) {
      return value(
          operands.stream()
              .map(operand -> number(operand, scope))
              .reduce((a, b) -> a.flatMap(x -> b.map(y -> further(x, y))))
              .orElseThrow());
    }

    private Real further(Real a, Real b) {
      return new Real(
          largest ? a.interval().max(b.interval()) : a.interval().min(b.interval()),
          a.percent() || b.percent());
    }
  }

  /** {@code previous(x)}: what {@code x} is in the row before; nothing in the first row. */
  record Previous(int column, Expression operand) implements Expression {
    @Override
    public List<Expression> operands() {
      return List.of(operand);
    }

    @Override
    public Value evaluate(Evaluation scope) {
      scope.figures().goOver(1, column);
      // What is wrong with the operand is wrong in the first row too.
      operand.evaluate(scope.silent());
      Set<String> columns = new LinkedHashSet<>();
      Aggregate.collect(operand, new HashSet<>(), new HashSet<>(), columns);
      if (columns.isEmpty()) {
        throw new ExpressionException(
            operand.column(),
            "previous needs a column of the claim's table, and none stands in it");
      }
      // Else its column would have complained.
      Row row = scope.row().orElseThrow();
      Table table = table(scope, row.table(), column);
      scope.figures().goOver(table.rows().size(), column);
      return table
          .before(row, columns)
          .map(before -> operand.evaluate(scope.in(before)))
          .orElseGet(Nothing::new);
    }
  }

  /**
   * What goes over the rows of a table, the other table whose whole columns stand in it or else the
   * claim's own; or over the ranges of measured paths.
   */
  record Aggregate(
      int column, Aggregation aggregation, List<Expression> arguments, Optional<Expression> filter)
      implements Expression {
    @Override
    public List<Expression> operands() {
      return Stream.concat(arguments.stream(), filter.stream()).toList();
    }

    @Override
    public Value evaluate(Evaluation scope) {
      List<Aggregation.Item> items = new ArrayList<>();
      for (Evaluation row : rows(scope)) {
        Optional<Truth> included =
            filter.isEmpty() ? Optional.of(Truth.TRUE) : truth(filter.get(), row.silent());
        boolean excluded = included.isEmpty() || included.get() == Truth.FALSE;
        Evaluation told =
            excluded ? row.silent() : aggregation == Aggregation.ALL ? row : row.reading();
        List<Value> values = arguments.stream().map(each -> each.evaluate(told)).toList();
        if (!excluded && values.stream().noneMatch(Nothing.class::isInstance)) {
          items.add(new Aggregation.Item(included.get(), values));
        }
      }
      return aggregation.of(items, column);
    }

    /** The ranges it goes over, by variable. */
    Map<String, List<String>> ranges() {
      return Ranges.together(
          operands().stream().flatMap(operand -> Formula.paths(operand).stream()).toList());
    }

    private List<Evaluation> rows(Evaluation scope) {
      if (scope.readings().isPresent()) {
        Map<String, List<String>> ranges = ranges();
        scope.figures().goOver((int) Ranges.size(ranges), column);
        return Ranges.choices(ranges).stream().map(scope::at).toList();
      }
      Set<String> tables = new LinkedHashSet<>();
      Set<String> foreign = new LinkedHashSet<>();
      Set<String> own = new LinkedHashSet<>();
      operands().forEach(operand -> collect(operand, tables, foreign, own));
      if (tables.size() > 1) {
        throw new ExpressionException(
            column,
            "%s goes over one table at a time, not %s"
                .formatted(aggregation.word(), String.join(" and ", tables)));
      }
      if (tables.size() == 1) {
        String table = tables.iterator().next();
        return holding(scope, table, foreign).stream().map(scope::goingOver).toList();
      }
      if (own.isEmpty()) {
        throw new ExpressionException(
            column, aggregation.word() + " needs a column to go over, and none stands in it");
      }
      String name = own.iterator().next();
      String table =
          scope
              .row()
              .map(Row::table)
              .orElseThrow(
                  () ->
                      new ExpressionException(
                          column,
                          "the claim stands in no table; write exp06:t02:%s for the column"
                              .formatted(name)));
      return holding(scope, table, own).stream().map(scope::in).toList();
    }

    private List<Row> holding(Evaluation scope, String id, Set<String> names) {
      Table table = table(scope, id, column);
      scope.figures().goOver(table.rows().size(), column);
      for (String name : names) {
        if (!table.names().contains(name)) {
          throw unknownColumn(table, id, name, column);
        }
      }
      return table.rows().stream().filter(row -> row.cells().keySet().containsAll(names)).toList();
    }

    // What stands inside another aggregate is gone over there.
    private static void collect(
        Expression expression, Set<String> tables, Set<String> foreign, Set<String> own) {
      if (expression instanceof WholeColumn whole) {
        tables.add(whole.table());
        foreign.add(whole.name());
      } else if (expression instanceof Cell cell) {
        own.add(cell.name());
      } else if (!(expression instanceof Aggregate)) {
        expression.operands().forEach(operand -> collect(operand, tables, foreign, own));
      }
    }
  }

  private static Optional<Real> number(Expression expression, Evaluation scope) {
    Value value = expression.evaluate(scope);
    if (value instanceof Nothing) {
      return Optional.empty();
    }
    if (value instanceof Real real) {
      return Optional.of(real);
    }
    throw new ExpressionException(
        expression.column(), "a number is wanted here, not " + value.article());
  }

  private static Value on(Expression expression, Evaluation scope, UnaryOperator<Interval> change) {
    return value(
        number(expression, scope)
            .map(real -> new Real(change.apply(real.interval()), real.percent())));
  }

  private static Value value(Optional<Real> number) {
    return number.<Value>map(real -> real).orElseGet(Nothing::new);
  }

  private static Optional<Truth> truth(Expression expression, Evaluation scope) {
    Value value = expression.evaluate(scope);
    if (value instanceof Nothing) {
      return Optional.empty();
    }
    if (value instanceof Condition condition) {
      return Optional.of(condition.truth());
    }
    throw new ExpressionException(
        expression.column(), "a condition such as ppl < 30 is wanted here, not " + value.article());
  }

  private static Table table(Evaluation scope, String id, int column) {
    return scope
        .figures()
        .table(id)
        .orElseThrow(
            () ->
                new ExpressionException(
                    column,
                    "no claim file has a table %s%s"
                        .formatted(id, Complaint.suggestion(id, scope.figures().tableIds()))));
  }

  private static Value cell(Evaluation scope, String table, Row row, String name, int column) {
    Figure figure = row.cells().get(name);
    if (figure == null) {
      throw unknownColumn(table(scope, table, column), table, name, column);
    }
    return scope.trace().read(figure);
  }

  private static ExpressionException unknownColumn(
      Table table, String id, String name, int column) {
    Optional<List<String>> parts = table.parts(name);
    if (parts.isPresent()) {
      return new ExpressionException(
          column,
          "the cells of %s in %s have parts; name one of %s"
              .formatted(name, id, String.join(", ", parts.get())));
    }
    int minus = name.indexOf('-');
    if (minus > 0 && table.names().contains(name.substring(0, minus))) {
      return new ExpressionException(
          column,
          "no column of %s is called %s; a minus needs spaces around it".formatted(id, name));
    }
    return new ExpressionException(
        column,
        "no column of %s is called %s%s"
            .formatted(id, name, Complaint.suggestion(name, table.names())));
  }
}
