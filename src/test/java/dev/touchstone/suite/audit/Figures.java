package dev.touchstone.suite.audit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Every figure the reports print, as expressions refer to it: by id, and for a table's by column
 * and row.
 */
public final class Figures {
  /** Four times what the reports take, and no second's work. */
  private static final int MOST = 60_000;

  private final Map<String, Figure> byId = new TreeMap<>();
  private final Map<String, Table> tables = new TreeMap<>();
  private long goneOver;

  /**
   * A printed figure.
   *
   * @param id the claim's id; of a key, the row's
   * @param text as printed
   * @param value what it stands for
   * @param truncated what it stands for if its digits were cut off instead of rounded
   */
  public record Figure(String id, String text, Value value, Value truncated) {
    /** What no digits are rounded in: names, keys, counts. */
    public Figure(String id, String text, Value value) {
      this(id, text, value, value);
    }
  }

  /**
   * A row of a table.
   *
   * @param table the table's id, {@code exp06:t01}
   * @param number counted from 1, as the report's rows
   * @param key the text that names the row
   * @param cells by name, the key's among them
   */
  public record Row(String table, int number, String key, Map<String, Figure> cells) {}

  /** The rows of a report's table, and which columns' cells fall into parts. */
  static final class Table {
    private final List<Row> rows = new ArrayList<>();
    private final Set<String> names = new LinkedHashSet<>();
    private final Map<String, List<String>> parts = new LinkedHashMap<>();

    List<Row> rows() {
      return rows;
    }

    /** Every name under which a cell of the table stands. */
    Set<String> names() {
      return names;
    }

    /** The names of the parts of a column whose cells fall into parts. */
    Optional<List<String>> parts(String column) {
      return Optional.ofNullable(parts.get(column));
    }

    /** The nearest row before that holds the columns. */
    Optional<Row> before(Row row, Set<String> columns) {
      return rows.stream()
          .filter(other -> other.number() < row.number())
          .filter(other -> other.cells().keySet().containsAll(columns))
          .max(Comparator.comparingInt(Row::number));
    }
  }

  public void add(Figure figure) {
    byId.put(figure.id(), figure);
  }

  public void add(Row row) {
    Table table = tables.computeIfAbsent(row.table(), id -> new Table());
    int at = table.rows.size();
    while (at > 0 && table.rows.get(at - 1).number() > row.number()) {
      at--;
    }
    table.rows.add(at, row);
    table.names.addAll(row.cells().keySet());
  }

  /**
   * Counts the rows and paths that expressions go over: what stands inside another is gone over
   * again and again.
   *
   * @param column where the expression that does so stands in its source
   * @throws ExpressionException when all together are too many
   */
  public void goOver(int count, int column) {
    goneOver += count;
    if (goneOver > MOST) {
      throw new ExpressionException(
          column,
          "with this, all expressions together go over more than %d rows and paths; make it simpler"
              .formatted(MOST));
    }
  }

  public void addParts(String table, String column, List<String> parts) {
    tables.computeIfAbsent(table, id -> new Table()).parts.put(column, List.copyOf(parts));
  }

  Optional<Figure> figure(String id) {
    return Optional.ofNullable(byId.get(id));
  }

  Optional<Table> table(String id) {
    return Optional.ofNullable(tables.get(id));
  }

  Set<String> ids() {
    return byId.keySet();
  }

  Set<String> tableIds() {
    return tables.keySet();
  }
}
