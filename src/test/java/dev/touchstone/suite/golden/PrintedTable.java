package dev.touchstone.suite.golden;

import java.util.List;
import java.util.Optional;

/**
 * A report's table, or a run of its rows that have columns of their own, as it is printed.
 *
 * @param id the report's name and the table's number, {@code exp06:t02}
 * @param part the part of the report it stands in
 * @param key the name of what names the rows
 * @param columns the names of the columns after the key's
 */
public record PrintedTable(
    String id, Optional<String> part, String key, List<String> columns, List<Row> rows) {
  /** A row and what names it. */
  public record Row(String label, List<Cell> cells) {
    public Row {
      cells = List.copyOf(cells);
    }
  }

  /**
   * A cell.
   *
   * @param id the row's, and the column's number
   * @param pieces what stands in it, from left to right; none where no figure does
   */
  public record Cell(String id, List<Piece> pieces) {
    public Cell {
      pieces = List.copyOf(pieces);
    }
  }

  /**
   * A stretch of a cell's text.
   *
   * @param claim of the figure; empty for what stands between figures
   */
  public record Piece(String text, Optional<String> claim) {}

  public PrintedTable {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
  }
}
