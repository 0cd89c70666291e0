package dev.touchstone.suite.audit;

import dev.touchstone.suite.audit.Figures.Figure;
import dev.touchstone.suite.audit.Figures.Row;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where an expression is evaluated: which figures there are, in which row it stands, and which rows
 * of other tables are being gone over.
 *
 * @param own the claim's own figure, which an expression calls {@code value}
 * @param row the row the claim stands in
 * @param gone the current row of each table that is gone over, by table
 * @param readings what is measured; empty where printed figures are read
 * @param trace what is read on the way
 */
public record Evaluation(
    Figures figures,
    Optional<Figure> own,
    Optional<Row> row,
    Map<String, Row> gone,
    Optional<Readings> readings,
    Trace trace) {

  /**
   * How an evaluation reads figures, and what it read and found false, for its account.
   *
   * @param truncated whether digits are taken to be cut off instead of rounded
   * @param figures the figures read, by id, in the order of reading
   * @param falsehoods the comparisons that came out false, in words
   */
  record Trace(boolean truncated, Map<String, Figure> figures, Set<String> falsehoods) {
    static Trace empty(boolean truncated) {
      return new Trace(truncated, new LinkedHashMap<>(), new LinkedHashSet<>());
    }

    /** What a figure stands for, which the account will name. */
    Value read(Figure figure) {
      figures.put(figure.id(), figure);
      return value(figure);
    }

    /** What a figure stands for. */
    Value value(Figure figure) {
      return truncated ? figure.truncated() : figure.value();
    }

    void isFalse(String account) {
      falsehoods.add(account);
    }
  }

  public static Evaluation of(Figures figures, Optional<Figure> own, Optional<Row> row) {
    return new Evaluation(figures, own, row, Map.of(), Optional.empty(), Trace.empty(false));
  }

  /** The same from its start, taking the digits of all figures to be cut off. */
  public Evaluation truncated() {
    return new Evaluation(figures, own, row, gone, readings, Trace.empty(true));
  }

  /** Where what is measured is read, and nothing that is printed. */
  static Evaluation reading(Readings readings) {
    return new Evaluation(
        new Figures(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Optional.of(readings),
        Trace.empty(false));
  }

  /** The same, at a value of each of some variables. */
  Evaluation at(Map<String, String> choice) {
    return new Evaluation(figures, own, row, gone, readings.map(each -> each.at(choice)), trace);
  }

  /** The same, standing in another row of the claim's own table. */
  Evaluation in(Row other) {
    return new Evaluation(figures, own, Optional.of(other), gone, readings, trace);
  }

  /** The same, going over another table and at this row of it. */
  Evaluation goingOver(Row other) {
    Map<String, Row> rows = new HashMap<>(gone);
    rows.put(other.table(), other);
    return new Evaluation(figures, own, row, rows, readings, trace);
  }

  /** The same, telling nobody what it reads or finds false. */
  Evaluation silent() {
    return new Evaluation(figures, own, row, gone, readings, Trace.empty(trace.truncated()));
  }

  /** The same, telling what it reads but not what it finds false: a count counts both. */
  Evaluation reading() {
    return new Evaluation(
        figures,
        own,
        row,
        gone,
        readings,
        new Trace(trace.truncated(), trace.figures(), new LinkedHashSet<>()));
  }
}
