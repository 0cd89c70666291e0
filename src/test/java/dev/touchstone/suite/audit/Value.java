package dev.touchstone.suite.audit;

import dev.touchstone.statistics.Interval;
import dev.touchstone.suite.claim.Complaint;
import dev.touchstone.suite.claim.Digits;
import java.util.Set;
import java.util.TreeSet;

/** What an expression over printed figures comes to. */
public sealed interface Value {
  /**
   * A number, known up to an interval.
   *
   * @param percent whether reports print its like as a percentage, and accounts should too
   */
  record Real(Interval interval, boolean percent) implements Value {
    static Real of(Interval interval) {
      return new Real(interval, false);
    }

    @Override
    public String toString() {
      return Digits.of(interval, percent);
    }
  }

  /** A printed range, each end known up to an interval. */
  record Span(Real low, Real high) implements Value {}

  /** A name; more than one when the printed digits leave open which. */
  record Name(Set<String> possible) implements Value {
    public Name {
      possible = Set.copyOf(possible);
    }

    @Override
    public String toString() {
      return Complaint.alternatives(possible.stream().sorted().toList());
    }
  }

  /** A condition. */
  record Condition(Truth truth) implements Value {}

  /** No figure stands there: an empty cell, the row before the first. Nothing follows from it. */
  record Nothing() implements Value {}

  static Value point(double number) {
    return Real.of(Interval.point(number));
  }

  static Value name(String name) {
    return new Name(Set.of(name));
  }

  /** What kind of value it is, with its article, for sentences. */
  default String article() {
    if (this instanceof Real) {
      return "a number";
    } else if (this instanceof Span) {
      return "a range";
    } else if (this instanceof Name) {
      return "a name";
    }
    return this instanceof Condition ? "a condition" : "nothing";
  }

  /** The smallest value that holds both, which are of one kind. */
  default Value or(Value other) {
    if (this instanceof Real a && other instanceof Real b) {
      return new Real(a.interval().hull(b.interval()), a.percent() || b.percent());
    }
    if (this instanceof Name a && other instanceof Name b) {
      Set<String> both = new TreeSet<>(a.possible());
      both.addAll(b.possible());
      return new Name(both);
    }
    throw new IllegalArgumentException(article() + " and " + other.article() + " do not combine");
  }
}
