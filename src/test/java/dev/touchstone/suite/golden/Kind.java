package dev.touchstone.suite.golden;

import dev.touchstone.suite.claim.Expectation;
import dev.touchstone.suite.claim.Printed;
import dev.touchstone.suite.claim.Unit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** What a claim says of what is measured, as claim files name it. */
public enum Kind {
  /** It is this number. */
  VALUE(text -> new Expectation.Value(Printed.parse(text))),
  /** It is one draw of something random, or timed: it lies in the interval that repeats give. */
  DRAW(text -> new Expectation.Draw(Printed.parse(text))),
  /** It is no larger. */
  AT_MOST(text -> new Expectation.AtMost(Printed.parse(text))),
  /** It is no smaller. */
  AT_LEAST(text -> new Expectation.AtLeast(Printed.parse(text))),
  /** It lies between two numbers, {@code 26-31%}. */
  RANGE(Expectation.Range::parse),
  /** These names come first, in this order. */
  ORDER(text -> new Expectation.Order(Expectation.parseNames(text))),
  /** It is {@code positive} or {@code negative}, or has a printed number's sign. */
  SIGN(Expectation.Sign::parse),
  /** It is an error, and vanishes up to the tolerance. */
  IDENTITY(text -> new Expectation.Identity(Printed.parse(text))),
  /** The numbers rise, fall or do neither. */
  TREND(Expectation.Trend::parse),
  /** These names and no others, in any order. */
  SET(text -> new Expectation.Members(Expectation.parseNames(text))),
  /** No name but these; {@code L1-L11} stands for the heads of those layers. */
  AMONG(text -> new Expectation.Among(Expectation.parseNames(text))),
  /** It follows from other printed figures; nothing is measured. */
  DERIVED(Expectation::parse);

  private final Function<String, Expectation> reader;

  Kind(Function<String, Expectation> reader) {
    this.reader = reader;
  }

  /** The kind as claim files write it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Optional<Kind> of(String word) {
    return Arrays.stream(values()).filter(kind -> kind.word().equals(word)).findFirst();
  }

  static List<String> words() {
    return Arrays.stream(values()).map(Kind::word).toList();
  }

  /**
   * Reads what is expected.
   *
   * @throws IllegalArgumentException when the text says nothing of this kind; its message says what
   *     to write instead
   */
  Expectation expectation(String text) {
    return reader.apply(text);
  }

  /** The unit of claims of this kind that name none; empty when they must. */
  Optional<Unit> defaultUnit() {
    return switch (this) {
      case ORDER, SET, AMONG -> Optional.of(Unit.NAME);
      case TREND, SIGN, IDENTITY -> Optional.of(Unit.NUMBER);
      default -> Optional.empty();
    };
  }
}
