package dev.touchstone.suite.audit;

import dev.touchstone.corpus.Unavailable;
import dev.touchstone.runtime.Lazy;
import dev.touchstone.statistics.Interval;
import dev.touchstone.suite.audit.Expression.Aggregate;
import dev.touchstone.suite.audit.Expression.Cell;
import dev.touchstone.suite.audit.Expression.Comparison;
import dev.touchstone.suite.audit.Expression.Id;
import dev.touchstone.suite.audit.Expression.Junction;
import dev.touchstone.suite.audit.Expression.Keyed;
import dev.touchstone.suite.audit.Expression.Measured;
import dev.touchstone.suite.audit.Expression.Not;
import dev.touchstone.suite.audit.Expression.Own;
import dev.touchstone.suite.audit.Expression.Previous;
import dev.touchstone.suite.audit.Expression.Quoted;
import dev.touchstone.suite.audit.Expression.Restricted;
import dev.touchstone.suite.audit.Expression.WholeColumn;
import dev.touchstone.suite.audit.Value.Real;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observation.Names;
import dev.touchstone.suite.observation.Observation.Quantity;
import dev.touchstone.suite.observation.Observation.Series;
import dev.touchstone.suite.observation.Sample;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * What is observed, as a claim file writes it: an observable's path, or an expression over paths in
 * brackets, which gives a number. A range that no aggregate goes over makes it a series. It names
 * no subject: its paths are looked up wherever it is asked.
 */
public final class Formula {
  private final String text;
  private final Expression expression;
  private final Map<String, List<String>> ranges;
  private final double size;

  private Formula(String text, Expression expression) {
    this.text = text;
    this.expression = expression;
    this.ranges = Ranges.together(paths(expression));
    this.size = Ranges.size(ranges) * count(expression);
  }

  /**
   * A path that is read.
   *
   * @param column where it stands in the text, counted from 1
   */
  public record Path(String text, int column) {}

  private static final int MOST_PATHS = 1000;

  /**
   * Reads an observable. One with a bracket in it is an expression, for no path has any.
   *
   * @throws ExpressionException when it cannot be read, with the column that shows why
   */
  public static Formula parse(String text) {
    Expression expression =
        text.contains("[") ? ExpressionParser.parse(text) : new Measured(1, Ranges.parse(text, 1));
    Formula formula = new Formula(text, expression);
    if (expression instanceof Comparison
        || expression instanceof Junction
        || expression instanceof Not
        || expression instanceof Quoted
        || expression instanceof Restricted) {
      throw new ExpressionException(
          expression.column(),
          "a number is observed; a condition stands inside count(...) or where");
    }
    check(expression, formula.ranges.keySet());
    if (formula.size > MOST_PATHS) {
      throw new ExpressionException(
          1, "it reads %.0f paths; %d are enough".formatted(formula.size, MOST_PATHS));
    }
    return formula;
  }

  private static double count(Expression expression) {
    if (expression instanceof Measured) {
      return 1;
    }
    double inside = expression.operands().stream().mapToDouble(Formula::count).sum();
    return expression instanceof Aggregate aggregate
        ? Ranges.size(aggregate.ranges()) * inside
        : inside;
  }

  private static void check(Expression expression, Set<String> variables) {
    if (expression instanceof Measured measured) {
      for (String variable : measured.path().variables()) {
        if (!variables.contains(variable)) {
          throw new ExpressionException(
              measured.column(),
              "nothing says what {%s} goes over; write for instance {%s:0..11}"
                  .formatted(variable, variable));
        }
      }
    } else if (expression instanceof Cell cell && !variables.contains(cell.name())
        || expression instanceof Keyed
        || expression instanceof WholeColumn
        || expression instanceof Id
        || expression instanceof Own
        || expression instanceof Previous) {
      throw new ExpressionException(
          expression.column(),
          "an observable reads what is measured, a path in brackets such as [exp07/norm/11/mean], and no"
              + " printed figure");
    }
    Set<String> inside = new HashSet<>(variables);
    if (expression instanceof Aggregate aggregate) {
      if (aggregate.ranges().isEmpty()) {
        throw new ExpressionException(
            aggregate.column(),
            aggregate.aggregation().word()
                + " goes over a range, and none stands in it; write one as {layer:0..11} in a path");
      }
      inside.addAll(aggregate.ranges().keySet());
    }
    expression.operands().forEach(operand -> check(operand, inside));
  }

  /** The paths in an expression but for those that an aggregate in it goes over. */
  static List<Measured> paths(Expression expression) {
    if (expression instanceof Measured measured) {
      return List.of(measured);
    }
    return expression instanceof Aggregate
        ? List.of()
        : expression.operands().stream().flatMap(operand -> paths(operand).stream()).toList();
  }

  /** How many paths it reads, one for each time that it reads it. */
  public int size() {
    return (int) size;
  }

  /** Every path it may read. */
  public List<Path> paths() {
    return Ranges.choices(ranges).stream()
        .flatMap(choice -> paths(expression, choice))
        .distinct()
        .toList();
  }

  private static Stream<Path> paths(Expression expression, Map<String, String> choice) {
    if (expression instanceof Measured measured) {
      return Stream.of(new Path(measured.path().at(choice), measured.column()));
    }
    Map<String, List<String>> further =
        expression instanceof Aggregate aggregate ? aggregate.ranges() : Map.of();
    return Ranges.choices(further).stream()
        .map(each -> Ranges.both(choice, each))
        .flatMap(each -> expression.operands().stream().flatMap(operand -> paths(operand, each)));
  }

  /** It on a subject, not yet observed; empty when a path of it names nothing there. */
  public Optional<Supplier<Observation>> of(Observables observables) {
    if (!text.contains("[") && ranges.isEmpty()) {
      return observables.resolve(paths().get(0).text());
    }
    Map<String, Supplier<Observation>> inputs = new LinkedHashMap<>();
    for (Path path : paths()) {
      Optional<Supplier<Observation>> input = observables.resolve(path.text());
      if (input.isEmpty()) {
        return Optional.empty();
      }
      inputs.put(path.text(), input.get());
    }
    return Optional.of(() -> observe(inputs));
  }

  private Observation observe(Map<String, Supplier<Observation>> inputs) {
    Map<String, Quantity> read = new LinkedHashMap<>();
    Function<String, Quantity> quantities =
        path -> read.computeIfAbsent(path, each -> number(each, inputs.get(each).get()));
    ToDoubleFunction<String> numbers = path -> quantities.apply(path).value();
    if (!ranges.isEmpty()) {
      return new Series(
          Ranges.choices(ranges).stream()
              .map(choice -> finite(evaluate(numbers, choice)))
              .toList());
    }
    double value = finite(evaluate(numbers, Map.of()));
    Optional<Double> unrounded = unrounded(quantities, read.values());
    List<Sample> samples = read.values().stream().flatMap(each -> each.sample().stream()).toList();
    // A count moves in steps, and drawn losses, which spread more, would be counted otherwise.
    if (samples.size() < read.size() || compares(expression)) {
      return new Quantity(value, Optional.empty(), unrounded);
    }
    List<String> paths = List.copyOf(read.keySet());
    Lazy<Interval> spread =
        new Lazy<>(
            () ->
                Sample.interval(
                    samples,
                    drawn -> {
                      Map<String, Double> byPath = new HashMap<>();
                      for (int i = 0; i < drawn.length; i++) {
                        byPath.put(paths.get(i), drawn[i]);
                      }
                      return evaluate(byPath::get, Map.of());
                    }));
    return new Quantity(value, Optional.of(spread), unrounded);
  }

  /** The number without the rounding of those it follows from; empty where none is rounded. */
  private Optional<Double> unrounded(
      Function<String, Quantity> quantities, Collection<Quantity> read) {
    return read.stream().noneMatch(quantity -> quantity.unrounded().isPresent())
        ? Optional.empty()
        : Optional.of(evaluate(path -> unrounded(quantities.apply(path)), Map.of()))
            .filter(Double::isFinite);
  }

  private static double unrounded(Quantity quantity) {
    return quantity.unrounded().orElse(quantity.value());
  }

  private Quantity number(String path, Observation observed) {
    if (observed instanceof Quantity quantity) {
      if (Double.isNaN(quantity.value())) {
        throw new IllegalStateException(path + " was measured, and it is no number");
      }
      finite(quantity.value());
      return quantity;
    }
    if (observed instanceof Names names) {
      return Observation.quantity(names.names().size());
    }
    throw new IllegalArgumentException(
        "a formula computes with numbers, and " + path + " is a series of them");
  }

  private double evaluate(ToDoubleFunction<String> numbers, Map<String, String> choice) {
    Value value = expression.evaluate(Evaluation.reading(new Readings(numbers, choice)));
    return value instanceof Real real && real.interval().isPoint()
        ? real.interval().low()
        : Double.NaN;
  }

  private double finite(double value) {
    if (Double.isFinite(value)) {
      return value;
    }
    throw Unavailable.notSupported(
        "There is no " + text + " here: it divides by 0 or goes over nothing");
  }

  private static boolean compares(Expression expression) {
    return expression instanceof Comparison
        || expression.operands().stream().anyMatch(Formula::compares);
  }
}
