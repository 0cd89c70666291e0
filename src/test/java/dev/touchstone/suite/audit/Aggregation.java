package dev.touchstone.suite.audit;

import dev.touchstone.statistics.Interval;
import dev.touchstone.suite.audit.Value.Condition;
import dev.touchstone.suite.audit.Value.Nothing;
import dev.touchstone.suite.audit.Value.Real;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What makes one value of a table's rows. */
enum Aggregation {
  /** The sum of a number over the rows. */
  SUM(1),
  /** Its mean. */
  MEAN(1),
  /** Its smallest. */
  MIN(1),
  /** Its largest. */
  MAX(1),
  /** In how many rows a condition holds. */
  COUNT(1),
  /** Whether a condition holds in every row. */
  ALL(1),
  /** The smallest number among the rows in which a condition holds. */
  FIRST(2),
  /** The largest number among the rows in which a condition holds. */
  LAST(2),
  /** The value in the one row that is left. */
  THE(1);

  private final int arguments;

  Aggregation(int arguments) {
    this.arguments = arguments;
  }

  /**
   * What a row gives.
   *
   * @param included whether the row is among those asked for: true or undecided
   * @param values of the arguments
   */
  record Item(Truth included, List<Value> values) {
    boolean certain() {
      return included == Truth.TRUE;
    }
  }

  /** As expressions write it. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** How many arguments stand before {@code where}. */
  int arguments() {
    return arguments;
  }

  static List<String> words() {
    return Arrays.stream(values()).map(Aggregation::word).toList();
  }

  static Optional<Aggregation> named(String word) {
    return Arrays.stream(values()).filter(each -> each.word().equals(word)).findFirst();
  }

  /**
   * The value over the rows; {@link Nothing} when there is none to speak of.
   *
   * @param column where in the expression to complain
   */
  Value of(List<Item> items, int column) {
    return switch (this) {
      case COUNT -> Real.of(count(items, column));
      case ALL -> items.isEmpty() ? new Nothing() : new Condition(all(items, column));
      case SUM -> new Real(sum(items, column), percent(items));
      case MEAN -> items.isEmpty() ? new Nothing() : new Real(mean(items, column), percent(items));
      case MIN ->
          items.isEmpty() ? new Nothing() : new Real(smallest(items, column), percent(items));
      case MAX ->
          items.isEmpty() ? new Nothing() : new Real(largest(items, column), percent(items));
      case FIRST -> nearest(items, column, Comparator.naturalOrder());
      case LAST -> nearest(items, column, Comparator.reverseOrder());
      case THE -> the(items, column);
    };
  }

  private Interval count(List<Item> items, int column) {
    int certain = 0;
    int possible = 0;
    for (Item item : items) {
      Truth holds = item.included().and(truth(item, 0, column));
      certain += holds == Truth.TRUE ? 1 : 0;
      possible += holds == Truth.FALSE ? 0 : 1;
    }
    return new Interval(certain, possible);
  }

  private Truth all(List<Item> items, int column) {
    Truth all = Truth.TRUE;
    for (Item item : items) {
      // A row that may not be asked for makes nothing false.
      all = all.and(item.included().not().or(truth(item, 0, column)));
    }
    return all;
  }

  private Interval sum(List<Item> items, int column) {
    Interval sum = Interval.point(0);
    for (Item item : items) {
      Interval term = number(item, column);
      sum = sum.plus(item.certain() ? term : term.hull(Interval.point(0)));
    }
    return sum;
  }

  private Interval mean(List<Item> items, int column) {
    return items.stream().allMatch(Item::certain)
        ? sum(items, column).dividedBy(Interval.point(items.size()))
        : new Interval(smallest(items, column).low(), largest(items, column).high());
  }

  private Interval smallest(List<Item> items, int column) {
    double low = items.stream().mapToDouble(item -> number(item, column).low()).min().orElseThrow();
    double high =
        items.stream()
            .filter(Item::certain)
            .mapToDouble(item -> number(item, column).high())
            .min()
            .orElseGet(
                () ->
                    items.stream().mapToDouble(i -> number(i, column).high()).max().orElseThrow());
    return new Interval(low, high);
  }

  private Interval largest(List<Item> items, int column) {
    List<Item> mirrored =
        items.stream()
            .map(
                item ->
                    new Item(
                        item.included(), List.<Value>of(Real.of(number(item, column).negated()))))
            .toList();
    return smallest(mirrored, column).negated();
  }

  // From the end that is asked for: each row that may hold is possible, up to the first that does.
  private Value nearest(List<Item> items, int column, Comparator<Double> order) {
    List<Item> sorted =
        items.stream()
            .sorted(Comparator.comparing(item -> number(item, column).low(), order))
            .toList();
    Value possible = new Nothing();
    for (Item item : sorted) {
      Truth holds = item.included().and(truth(item, 1, column));
      if (holds != Truth.FALSE) {
        Value here = item.values().get(0);
        possible = possible instanceof Nothing ? here : possible.or(here);
      }
      if (holds == Truth.TRUE) {
        break;
      }
    }
    return possible;
  }

  private Value the(List<Item> items, int column) {
    long certain = items.stream().filter(Item::certain).count();
    if (certain > 1) {
      throw new ExpressionException(
          column, "\"the\" wants one row, and " + certain + " are left; add to its where");
    }
    return items.stream()
        .filter(item -> item.certain() || certain == 0)
        .map(item -> item.values().get(0))
        .reduce(Value::or)
        .orElseGet(Nothing::new);
  }

  private Truth truth(Item item, int argument, int column) {
    if (item.values().get(argument) instanceof Condition condition) {
      return condition.truth();
    }
    throw new ExpressionException(
        column, word() + " wants a condition such as ppl < 30, not " + article(item, argument));
  }

  private Interval number(Item item, int column) {
    if (item.values().get(0) instanceof Real real) {
      return real.interval();
    }
    throw new ExpressionException(column, word() + " wants numbers, not " + article(item, 0));
  }

  private static boolean percent(List<Item> items) {
    return items.stream()
        .anyMatch(item -> item.values().get(0) instanceof Real real && real.percent());
  }

  private static String article(Item item, int argument) {
    return item.values().get(argument).article();
  }
}
