package dev.touchstone.suite.audit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A path with variables, {@code exp07/norm/{layer:0..11}/mean}, and the values that are said of
 * each. A variable whose values are said elsewhere stands alone, {@code {layer}}.
 *
 * @param text as written
 * @param values by variable, in their order
 */
record Ranges(String text, Map<String, List<String>> values) {
  private static final int MOST_CHOICES = 1000;

  private static final Pattern VARIABLE =
      Pattern.compile("\\{(?<name>[a-z][a-z0-9-]*)(?::(?<values>[^{}]*))?}");
  private static final Pattern SPAN = Pattern.compile("(?<first>\\d{1,4})\\.\\.(?<last>\\d{1,4})");

  /**
   * Reads a path.
   *
   * @param column where it begins, to complain
   */
  static Ranges parse(String text, int column) {
    Map<String, List<String>> values = new LinkedHashMap<>();
    Matcher variable = VARIABLE.matcher(text);
    while (variable.find()) {
      if (variable.group("values") != null) {
        int at = column + variable.start("values");
        List<String> each =
            Arrays.stream(variable.group("values").split(",", -1))
                .flatMap(value -> span(value.strip(), at))
                .limit(MOST_CHOICES + 1)
                .toList();
        add(values, variable.group("name"), each, at);
      }
    }
    return new Ranges(text, values);
  }

  private static Stream<String> span(String value, int column) {
    Matcher span = SPAN.matcher(value);
    if (!span.matches()) {
      if (value.isEmpty() || value.contains("..")) {
        throw new ExpressionException(
            column, "\"" + value + "\" is no value of a range such as 0..11 or 1,3,8");
      }
      return Stream.of(value);
    }
    int first = Integer.parseInt(span.group("first"));
    int last = Integer.parseInt(span.group("last"));
    if (first > last) {
      throw new ExpressionException(
          column, "\"%s\" counts down; write %d..%d".formatted(value, last, first));
    }
    return IntStream.rangeClosed(first, last).mapToObj(Integer::toString);
  }

  private static void add(
      Map<String, List<String>> values, String name, List<String> said, int column) {
    List<String> earlier = values.putIfAbsent(name, said);
    if (earlier != null && !earlier.equals(said)) {
      throw new ExpressionException(
          column,
          "{%s} is given two ranges; say it once and write {%s} after".formatted(name, name));
    }
    if (size(values) > MOST_CHOICES) {
      throw new ExpressionException(
          column,
          "the ranges make %.0f choices; %d are enough".formatted(size(values), MOST_CHOICES));
    }
  }

  /** The ranges of several paths that are gone over together. */
  static Map<String, List<String>> together(List<Expression.Measured> paths) {
    Map<String, List<String>> together = new LinkedHashMap<>();
    paths.forEach(
        path ->
            path.path()
                .values()
                .forEach((name, values) -> add(together, name, values, path.column())));
    return together;
  }

  /** How many choices of a value for each variable there are. */
  static double size(Map<String, List<String>> values) {
    return values.values().stream().mapToDouble(List::size).reduce(1, (one, other) -> one * other);
  }

  /** Every choice of a value for each variable, the last variable's changing fastest. */
  static List<Map<String, String>> choices(Map<String, List<String>> values) {
    List<Map<String, String>> choices = List.of(Map.of());
    for (Map.Entry<String, List<String>> variable : values.entrySet()) {
      List<Map<String, String>> longer = new ArrayList<>();
      for (Map<String, String> choice : choices) {
        for (String value : variable.getValue()) {
          longer.add(both(choice, Map.of(variable.getKey(), value)));
        }
      }
      choices = longer;
    }
    return choices;
  }

  static Map<String, String> both(Map<String, String> choice, Map<String, String> further) {
    Map<String, String> both = new HashMap<>(choice);
    both.putAll(further);
    return both;
  }

  /** The variables in the path. */
  Set<String> variables() {
    Set<String> names = new LinkedHashSet<>();
    VARIABLE.matcher(text).results().forEach(variable -> names.add(variable.group(1)));
    return names;
  }

  /** The path at one value of each variable. */
  String at(Map<String, String> choice) {
    Function<MatchResult, String> value = variable -> choice.get(variable.group(1));
    return VARIABLE.matcher(text).replaceAll(value.andThen(Matcher::quoteReplacement));
  }
}
