package dev.touchstone.suite.claim;

import dev.touchstone.statistics.Interval;
import dev.touchstone.suite.audit.Value;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observation.Names;
import dev.touchstone.suite.observation.Observation.Quantity;
import dev.touchstone.suite.observation.Observation.Series;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;

/**
 * What a claim expects to be measured. Where a number is expected, names are counted; where a bound
 * or a range is, every number of a series must keep to it.
 */
public sealed interface Expectation {
  /** As printed. */
  String text();

  /** The numbers in it: two of a range, none of names. */
  default List<Printed> figures() {
    return List.of();
  }

  /** The names in it; none of numbers. */
  default List<String> names() {
    return List.of();
  }

  /**
   * Holds an observation against it.
   *
   * @throws IllegalArgumentException when the observation is of another sort than the claim needs
   */
  Assessment compare(Observation observed, Yardstick yardstick);

  /** What names one printed number. */
  sealed interface Numeric extends Expectation {
    /** The number. */
    Printed figure();

    @Override
    default String text() {
      return figure().text();
    }

    @Override
    default List<Printed> figures() {
      return List.of(figure());
    }
  }

  /** One printed number to be met, however it is compared. */
  sealed interface OneFigure extends Numeric {}

  /** One number. */
  record Value(Printed figure) implements OneFigure {
    @Override
    public Assessment compare(Observation observed, Yardstick yardstick) {
      double difference = number(observed) - figure.value();
      double allowance = yardstick.around(figure);
      return new Assessment(
          Math.abs(difference) <= allowance,
          write(observed, figure),
          figure.writeDifference(difference),
          "±" + figure.write(allowance),
          interval(observed, figure),
          !yardstick.unit().isExact(figure) && figure.truncation().contains(number(observed)));
    }
  }

  /** One draw of something random, or one timing: it lies in the interval that repeats give. */
  record Draw(Printed figure) implements OneFigure {
    @Override
    public Assessment compare(Observation observed, Yardstick yardstick) {
      if (!(observed instanceof Quantity quantity) || quantity.interval().isEmpty()) {
        throw new IllegalArgumentException(
            "a draw is held against an interval, and there is none of " + observed);
      }
      Interval draws = quantity.interval().get();
      double allowance = yardstick.around(figure);
      return new Assessment(
          draws.distance(Interval.point(figure.value())) <= allowance,
          write(observed, figure),
          figure.writeDifference(quantity.value() - figure.value()),
          "the interval, ±" + figure.write(allowance),
          interval(observed, figure));
    }
  }

  /** An upper bound. */
  record AtMost(Printed figure) implements Numeric {
    @Override
    public String text() {
      return "at most " + figure.text();
    }

    @Override
    public Assessment compare(Observation observed, Yardstick yardstick) {
      double highest = numbers(observed).max().orElseThrow();
      return bound(
          observed, figure, yardstick, highest, highest <= figure.value() + yardstick.past(figure));
    }
  }

  /** A lower bound. */
  record AtLeast(Printed figure) implements Numeric {
    @Override
    public String text() {
      return "at least " + figure.text();
    }

    @Override
    public Assessment compare(Observation observed, Yardstick yardstick) {
      double lowest = numbers(observed).min().orElseThrow();
      return bound(
          observed, figure, yardstick, lowest, lowest >= figure.value() - yardstick.past(figure));
    }
  }

  /** Two numbers and what lies between them. */
  record Range(String text, Printed low, Printed high) implements Expectation {
    private static final Pattern ENDS =
        Pattern.compile("(?<low>[^-–~]+?(?:%|x)?)\\s*[-–~]\\s*(?<high>\\S+)");

    /** Reads {@code 26-31%}; a mark behind the second number belongs to both. */
    public static Range parse(String text) {
      Matcher ends = ENDS.matcher(text.strip());
      if (ends.matches()) {
        Printed high = Printed.parse(ends.group("high"));
        String low = ends.group("low");
        String mark = low.endsWith(high.mark().sign()) ? "" : high.mark().sign();
        Printed least = Printed.parse(low + mark);
        if (least.number().compareTo(high.number()) <= 0) {
          return new Range(text.strip(), least, high);
        }
      }
      throw new IllegalArgumentException("\"" + text + "\" is no range such as 26-31% or 2-3");
    }

    @Override
    public List<Printed> figures() {
      return List.of(low, high);
    }

    @Override
    public Assessment compare(Observation observed, Yardstick yardstick) {
      double lowest = numbers(observed).min().orElseThrow();
      double highest = numbers(observed).max().orElseThrow();
      double below = low.value() - lowest;
      double above = highest - high.value();
      boolean holds = below <= yardstick.around(low) && above <= yardstick.around(high);
      String difference =
          below <= 0 && above <= 0
              ? ""
              : below > above ? low.writeDifference(-below) : high.writeDifference(above);
      return new Assessment(
          holds,
          write(observed, high),
          difference,
          "±" + high.write(yardstick.around(high)),
          interval(observed, high));
    }
  }

  /** What lists names. */
  sealed interface Named extends Expectation {
    @Override
    List<String> names();

    @Override
    default String text() {
      return String.join(", ", names());
    }
  }

  /** Names, the first first. */
  record Order(List<String> names) implements Named {
    public Order {
      names = List.copyOf(names);
    }

    @Override
    public Assessment compare(Observation observed, Yardstick yardstick) {
      List<String> seen = namesOf(observed);
      List<String> first = seen.subList(0, Math.min(names.size(), seen.size()));
      return Assessment.of(first.equals(names), String.join(", ", first));
    }
  }

  /** Names, whatever their order. */
  record Members(List<String> names) implements Named {
    public Members {
      names = List.copyOf(names);
    }

    @Override
    public Assessment compare(Observation observed, Yardstick yardstick) {
      List<String> seen = namesOf(observed);
      List<String> missing = new ArrayList<>(names);
      missing.removeAll(seen);
      List<String> further = new ArrayList<>(seen);
      further.removeAll(names);
      String difference =
          (missing.isEmpty() ? "" : "without " + String.join(", ", missing))
              + (missing.isEmpty() || further.isEmpty() ? "" : "; ")
              + (further.isEmpty() ? "" : "also " + String.join(", ", further));
      return new Assessment(
          new HashSet<>(seen).equals(new HashSet<>(names)),
          String.join(", ", seen),
          difference,
          "",
          "");
    }
  }

  /** Names none of which may be missing here; {@code L1-L11} stands for the heads of layers. */
  record Among(List<String> names) implements Named {
    private static final Pattern LAYERS = Pattern.compile("L(?<first>\\d+)(?:-L?(?<last>\\d+))?");
    private static final Pattern HEAD = Pattern.compile("L(?<layer>\\d+)H\\d+");

    public Among {
      names = List.copyOf(names);
    }

    @Override
    public Assessment compare(Observation observed, Yardstick yardstick) {
      List<String> seen = namesOf(observed);
      List<String> strange =
          seen.stream()
              .filter(name -> names.stream().noneMatch(allowed -> covers(allowed, name)))
              .toList();
      return new Assessment(
          strange.isEmpty(),
          String.join(", ", seen),
          strange.isEmpty()
              ? ""
              : String.join(", ", strange)
                  + (strange.size() == 1 ? " is" : " are")
                  + " not among them",
          "",
          "");
    }

    private static boolean covers(String allowed, String name) {
      Matcher layers = LAYERS.matcher(allowed);
      Matcher head = HEAD.matcher(name);
      if (!layers.matches() || !head.matches()) {
        return allowed.equals(name);
      }
      int first = Integer.parseInt(layers.group("first"));
      int last = layers.group("last") == null ? first : Integer.parseInt(layers.group("last"));
      int layer = Integer.parseInt(head.group("layer"));
      return first <= layer && layer <= last;
    }
  }

  /** On which side of 0. */
  record Sign(String text, Optional<Printed> figure, boolean positive) implements Expectation {
    public static Sign parse(String text) {
      if (text.equals("positive") || text.equals("negative")) {
        return new Sign(text, Optional.empty(), text.equals("positive"));
      }
      Printed figure;
      try {
        figure = Printed.parse(text);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "\"" + text + "\" is neither positive, negative nor a figure with a sign", e);
      }
      if (figure.number().signum() == 0) {
        throw new IllegalArgumentException("\"" + text + "\" has no sign to hold anything against");
      }
      return new Sign(text, Optional.of(figure), figure.number().signum() > 0);
    }

    @Override
    public List<Printed> figures() {
      return figure.stream().toList();
    }

    @Override
    public Assessment compare(Observation observed, Yardstick yardstick) {
      double number = number(observed);
      return new Assessment(
          positive ? number > 0 : number < 0,
          figure.map(printed -> write(observed, printed)).orElseGet(() -> Digits.of(number)),
          "",
          "",
          figure.map(printed -> interval(observed, printed)).orElse(""));
    }
  }

  /** An error that vanishes. */
  record Identity(Printed figure) implements Numeric {
    // Float error of a computation whose result is of size 1.
    private static final Printed ONE = Printed.parse("1");

    @Override
    public Assessment compare(Observation observed, Yardstick yardstick) {
      double difference = number(observed) - figure.value();
      double allowance =
          yardstick.stated().isPresent() ? yardstick.around(figure) : yardstick.past(ONE);
      return new Assessment(
          Math.abs(difference) <= allowance,
          write(observed, figure),
          figure.writeDifference(difference),
          "±" + figure.write(allowance),
          interval(observed, figure));
    }
  }

  /** A direction along a series. */
  enum Trend implements Expectation {
    /** No step down. */
    RISING,
    /** No step up. */
    FALLING,
    /** Rank correlation with the position of at least 0.7. */
    RISING_OVERALL,
    /** Rank correlation with the position of at most -0.7. */
    FALLING_OVERALL,
    /** Steps up and steps down. */
    NOT_MONOTONE;

    private static final double CLEARLY = 0.7;

    public static Trend parse(String text) {
      return Arrays.stream(values())
          .filter(trend -> trend.text().equals(text))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "\"%s\" is no trend; write %s"
                          .formatted(
                              text,
                              Complaint.alternatives(
                                  Arrays.stream(values()).map(Trend::text).toList()))));
    }

    @Override
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public Assessment compare(Observation observed, Yardstick yardstick) {
      if (!(observed instanceof Series series) || series.values().size() < 2) {
        throw new IllegalArgumentException("a trend needs a series of numbers, not " + observed);
      }
      double[] values = series.values().stream().mapToDouble(Double::doubleValue).toArray();
      boolean up = IntStream.range(1, values.length).anyMatch(i -> values[i] > values[i - 1]);
      boolean down = IntStream.range(1, values.length).anyMatch(i -> values[i] < values[i - 1]);
      double correlation =
          new SpearmansCorrelation()
              .correlation(IntStream.range(0, values.length).asDoubleStream().toArray(), values);
      boolean holds =
          switch (this) {
            case RISING -> !down;
            case FALLING -> !up;
            case RISING_OVERALL -> correlation >= CLEARLY;
            case FALLING_OVERALL -> correlation <= -CLEARLY;
            case NOT_MONOTONE -> up && down;
          };
      return Assessment.of(
          holds,
          "%s; rank correlation with the position %.2f"
              .formatted(
                  DoubleStream.of(values).mapToObj(Digits::of).collect(Collectors.joining(", ")),
                  correlation));
    }
  }

  /** No figure: the claim is a comparison of figures that are printed elsewhere. */
  record Unprinted() implements Expectation {
    @Override
    public String text() {
      return "";
    }

    @Override
    public Assessment compare(Observation observed, Yardstick yardstick) {
      throw new IllegalArgumentException("what prints no figure is recomputed, not measured");
    }
  }

  /** A figure of whatever sort its text is: a number, a range or names. */
  public static Expectation parse(String text) {
    try {
      return new Value(Printed.parse(text));
    } catch (NumberFormatException noNumber) {
      try {
        return Range.parse(text);
      } catch (IllegalArgumentException noRange) {
        return new Order(parseNames(text));
      }
    }
  }

  /** The names of a list with commas. */
  public static List<String> parseNames(String text) {
    List<String> names = Arrays.stream(text.split(",")).map(String::strip).toList();
    if (names.stream().anyMatch(String::isEmpty)) {
      throw new IllegalArgumentException("\"" + text + "\" is no list of names such as L0H8, L0H1");
    }
    return names;
  }

  private static Assessment bound(
      Observation observed, Printed figure, Yardstick yardstick, double nearest, boolean holds) {
    return new Assessment(
        holds,
        write(observed, figure),
        figure.writeDifference(nearest - figure.value()),
        figure.write(yardstick.past(figure)),
        interval(observed, figure));
  }

  private static double number(Observation observed) {
    if (observed instanceof Quantity quantity) {
      return quantity.value();
    }
    if (observed instanceof Names names) {
      return names.names().size();
    }
    throw new IllegalArgumentException("the claim needs a number, not " + observed);
  }

  private static DoubleStream numbers(Observation observed) {
    return observed instanceof Series series
        ? series.values().stream().mapToDouble(Double::doubleValue)
        : DoubleStream.of(number(observed));
  }

  private static List<String> namesOf(Observation observed) {
    if (observed instanceof Names names) {
      return names.names();
    }
    throw new IllegalArgumentException("the claim needs names, not " + observed);
  }

  private static String write(Observation observed, Printed manner) {
    String written = numbers(observed).mapToObj(manner::write).collect(Collectors.joining(", "));
    return observed instanceof Quantity quantity
        ? quantity
            .unrounded()
            .map(manner::write)
            .filter(unrounded -> !unrounded.equals(written))
            .map(unrounded -> "%s (unrounded %s)".formatted(written, unrounded))
            .orElse(written)
        : written;
  }

  private static String interval(Observation observed, Printed manner) {
    return observed instanceof Quantity quantity
        ? quantity.interval().map(each -> write(each, manner)).orElse("")
        : "";
  }

  private static String write(Interval interval, Printed manner) {
    return "[" + manner.write(interval.low()) + ", " + manner.write(interval.high()) + "]";
  }
}
