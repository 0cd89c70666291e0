package dev.touchstone.suite.claim;

import dev.touchstone.suite.claim.Printed.Mark;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a figure counts or measures: which marks it is printed with, and its float slack. */
public enum Unit {
  /** Whole things: heads, components, tokens, chunks, ranks. Printed and measured exactly. */
  COUNT("count", Mark.NONE),
  /** A part of a whole, as a fraction of 1. */
  SHARE("share", Mark.PERCENT, Mark.NONE),
  /** A relative change, as a fraction: 1.089 is +108.9%. */
  CHANGE("change", Mark.PERCENT, Mark.NONE),
  /** Times something else of the same kind. */
  RATIO("ratio", Mark.TIMES, Mark.NONE),
  /** The exponential of a mean cross-entropy in nats. */
  PERPLEXITY("perplexity", Mark.NONE),
  /** A difference of perplexities. */
  PERPLEXITY_DIFFERENCE("perplexity-difference", Mark.NONE),
  /** Any other number: a norm, a cosine, a correlation, an exponent, an error. */
  NUMBER("number", Mark.NONE, Mark.PERCENT),
  /** Speed of generation. */
  TOKENS_PER_SECOND("tokens/s", Mark.NONE),
  /** Time of generation. */
  MILLISECONDS_PER_TOKEN("ms/token", Mark.NONE),
  /** Names: heads ({@code L0H8}), layers ({@code L11}), conditions. */
  NAME("name");

  private final String word;
  private final Set<Mark> marks;

  Unit(String word, Mark... marks) {
    this.word = word;
    this.marks = marks.length == 0 ? EnumSet.noneOf(Mark.class) : EnumSet.copyOf(List.of(marks));
  }

  /** The unit as claim files write it. */
  public String word() {
    return word;
  }

  /** The unit that claim files write so. */
  public static Optional<Unit> of(String word) {
    return Arrays.stream(values()).filter(unit -> unit.word.equals(word)).findFirst();
  }

  public static List<String> words() {
    return Arrays.stream(values()).map(Unit::word).toList();
  }

  /** Whether a printed figure stands for itself alone, not for what rounds to it. */
  public boolean isExact(Printed figure) {
    return this == COUNT && !figure.approximate();
  }

  /** What float errors are relative to: a change in perplexity comes from a ratio near 1. */
  double scale(double value) {
    return switch (this) {
      case COUNT, NAME -> 0;
      case CHANGE -> Math.max(Math.abs(value), Math.abs(1 + value));
      default -> Math.abs(value);
    };
  }

  /** Why what is expected cannot be in this unit; empty when it can. */
  public Optional<String> objection(Expectation expectation) {
    List<Printed> figures = expectation.figures();
    if (!expectation.names().isEmpty() && this != NAME) {
      return Optional.of(
          "\"%s\" is no figure such as 24.27 or 1.079x, and the unit is %s"
              .formatted(expectation.text(), word));
    }
    return figures.stream().flatMap(figure -> objection(figure).stream()).findFirst();
  }

  private Optional<String> objection(Printed figure) {
    if (this == NAME) {
      return Optional.of(
          "\"%s\" is a figure, and the unit \"name\" takes names".formatted(figure.text()));
    }
    if (!marks.contains(figure.mark())) {
      List<String> ways =
          marks.stream()
              .map(mark -> mark == Mark.NONE ? "without a mark" : "with " + mark.sign())
              .toList();
      return Optional.of(
          "\"%s\" cannot be a %s, which is printed %s"
              .formatted(figure.text(), word, Complaint.alternatives(ways)));
    }
    if (this == COUNT && figure.number().stripTrailingZeros().scale() > 0) {
      return Optional.of("\"%s\" is not whole, as a count is".formatted(figure.text()));
    }
    return Optional.empty();
  }
}
