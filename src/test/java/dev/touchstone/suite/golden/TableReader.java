package dev.touchstone.suite.golden;

import dev.touchstone.suite.audit.Figures;
import dev.touchstone.suite.audit.Figures.Figure;
import dev.touchstone.suite.audit.Figures.Row;
import dev.touchstone.suite.audit.Value;
import dev.touchstone.suite.audit.Value.Nothing;
import dev.touchstone.suite.claim.Expectation;
import dev.touchstone.suite.claim.Place;
import dev.touchstone.suite.claim.Printed;
import dev.touchstone.suite.golden.GoldenFile.Text;
import dev.touchstone.suite.golden.PrintedTable.Cell;
import dev.touchstone.suite.golden.PrintedTable.Piece;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.yaml.snakeyaml.nodes.Node;

/** Reads a report's table, or a run of its rows: columns with what stands under them, and rows. */
final class TableReader {
  static final List<String> KEYS = Settings.keysAnd("table", "key", "first-row", "columns", "rows");
  private static final List<String> COLUMN_KEYS =
      Stream.concat(Stream.of("cell", "parts"), ClaimFields.KEYS.stream()).toList();
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*");
  private static final Set<String> RESERVED = Set.of("value", "and", "or", "not", "where");
  private static final Set<String> NO_FIGURE = Set.of("", "-", "–", "—");

  private final GoldenFile source;
  private final Figures figures;
  private final String table;
  private final String key;
  private final List<Column> columns;
  private final List<UnresolvedClaim> drafts = new ArrayList<>();
  private final List<PrintedTable.Row> rows = new ArrayList<>();
  private final Set<String> keys = new LinkedHashSet<>();

  private TableReader(
      GoldenFile source, Figures figures, String table, String key, List<Column> columns) {
    this.source = source;
    this.figures = figures;
    this.table = table;
    this.key = key;
    this.columns = columns;
  }

  /**
   * A column of a table.
   *
   * @param cell how a cell with several figures is written; a cell of one figure is the figure
   * @param specs by the name of the figure: the column's own, or its parts'
   */
  private record Column(String name, Optional<CellPattern> cell, Map<String, ClaimFields> specs) {
    List<String> names() {
      return cell.map(CellPattern::names).orElse(List.of(name));
    }

    List<Piece> pieces(String id, String text) {
      return cell.map(pattern -> pattern.pieces(id, text))
          .orElse(List.of(new Piece(text, Optional.of(id))));
    }
  }

  /** A figure of a row that is read and waits for the rest of the row. */
  private record Filled(
      String id, String cell, ClaimFields said, Expectation expectation, Place place) {}

  /** The drafts of a table's claims; its figures and the table are added to the transcript. */
  static List<UnresolvedClaim> read(
      GoldenFile source, Fields fields, Settings settings, Transcript transcript, String report) {
    Optional<Text> id = fields.required("table", report + ":t01");
    Optional<Text> key = fields.required("key", "heads");
    int firstRow = fields.value("first-row", TableReader::rowNumber).orElse(1);
    List<Column> columns = columns(source, fields, settings);
    if (!fields.has("rows")) {
      source.complain(fields.place(), "a table needs rows, a list with one line per row");
    }
    if (id.isEmpty() || key.isEmpty() || columns.isEmpty()) {
      return List.of();
    }
    String table = id.get().value();
    if (!table.matches(Pattern.quote(report) + ":t\\d{2}")) {
      source.complain(
          id.get().place(),
          "\"%s\" is no table of this file's report; write %s:t01 for its first"
              .formatted(table, report));
      return List.of();
    }
    TableReader reader =
        new TableReader(source, transcript.figures(), table, key.get().value(), columns);
    reader.requireDifferentNames(fields.place());
    columns.stream()
        .filter(column -> column.cell().isPresent())
        .forEach(column -> transcript.figures().addParts(table, column.name(), column.names()));
    int number = firstRow;
    for (Node row : fields.list("rows")) {
      reader.row(row, number++);
    }
    columns.stream()
        .flatMap(column -> column.specs().values().stream())
        .forEach(said -> said.requireRows(reader.keys));
    transcript
        .tables()
        .add(
            new PrintedTable(
                table,
                settings.part(),
                key.get().value(),
                columns.stream().map(Column::name).toList(),
                reader.rows));
    return reader.drafts;
  }

  private static int rowNumber(String text) {
    if (!text.matches("[1-9]\\d?")) {
      throw new NumberFormatException("\"" + text + "\" is no row; the first is 1");
    }
    return Integer.parseInt(text);
  }

  private void requireDifferentNames(Place place) {
    List<String> names = new ArrayList<>(List.of(key));
    columns.forEach(column -> names.addAll(column.names()));
    Set<String> seen = new HashSet<>();
    names.stream()
        .filter(name -> !seen.add(name))
        .distinct()
        .forEach(name -> source.complain(place, "two figures of the table are called " + name));
  }

  private static List<Column> columns(GoldenFile source, Fields table, Settings settings) {
    if (!table.has("columns")) {
      source.complain(
          table.place(), "a table needs columns, a mapping of names to what stands under them");
      return List.of();
    }
    Optional<Fields> byName = Fields.ofAnyKeys(source, table.nodes().get("columns"), "columns");
    List<Column> columns = new ArrayList<>();
    byName.ifPresent(
        fields ->
            fields
                .nodes()
                .forEach(
                    (name, node) -> {
                      requireName(source, name, fields.place(name));
                      Fields.of(source, node, "a column", COLUMN_KEYS)
                          .flatMap(each -> column(source, name, each, settings.with(each)))
                          .ifPresent(columns::add);
                    }));
    // A column that cannot be read would shift those after it.
    boolean whole = byName.isPresent() && byName.get().nodes().size() == columns.size();
    return whole ? columns : List.of();
  }

  private static void requireName(GoldenFile source, String name, Place place) {
    if (!NAME.matcher(name).matches() || RESERVED.contains(name)) {
      source.complain(
          place,
          "\"%s\" cannot name a figure; write letters, digits and hyphens, as in mean-delta"
              .formatted(name));
    }
  }

  private static Optional<Column> column(
      GoldenFile source, String name, Fields fields, Settings settings) {
    if (!fields.has("cell") && !fields.has("parts")) {
      return ClaimFields.read(source, fields, settings, true)
          .map(said -> new Column(name, Optional.empty(), Map.of(name, said)));
    }
    Optional<CellPattern> cell =
        fields
            .required("cell", "\"{heads}/144 ({share})\"")
            .flatMap(text -> fields.read(text, CellPattern::parse));
    if (!fields.has("parts")) {
      source.complain(
          fields.place(), "a column with a cell needs parts, one for each {name} in it");
    }
    Optional<Fields> parts =
        Optional.ofNullable(fields.nodes().get("parts"))
            .flatMap(node -> Fields.ofAnyKeys(source, node, "parts"));
    if (cell.isEmpty() || parts.isEmpty()) {
      return Optional.empty();
    }
    Set<String> written = parts.get().nodes().keySet();
    if (!Set.copyOf(cell.get().names()).equals(written)) {
      source.complain(
          fields.place("parts"),
          "the cell names %s, and the parts are %s; they must be the same"
              .formatted(String.join(", ", cell.get().names()), String.join(", ", written)));
      return Optional.empty();
    }
    Map<String, ClaimFields> specs = new LinkedHashMap<>();
    parts
        .get()
        .nodes()
        .forEach(
            (part, node) -> {
              requireName(source, part, parts.get().place(part));
              Fields.of(source, node, "a part", ClaimFields.KEYS)
                  .flatMap(each -> ClaimFields.read(source, each, settings.with(each), true))
                  .ifPresent(said -> specs.put(part, said));
            });
    return specs.size() == written.size()
        ? Optional.of(new Column(name, cell, specs))
        : Optional.empty();
  }

  private void row(Node node, int number) {
    source.members(node, "a row").ifPresent(cells -> row(cells, number, source.place(node)));
  }

  private void row(List<Node> cells, int number, Place place) {
    if (cells.size() != columns.size() + 1) {
      source.complain(
          place,
          "the row has %d cells where %d are wanted: %s, %s"
              .formatted(
                  cells.size(),
                  columns.size() + 1,
                  key,
                  String.join(", ", columns.stream().map(Column::name).toList())));
      return;
    }
    String id = "%s:r%02d".formatted(table, number);
    String label = source.text(cells.get(0), "a row's key").map(Text::value).orElse("");
    keys.add(label);
    Map<String, String> texts = new LinkedHashMap<>(Map.of(key, label));
    Map<String, Figure> byName = new LinkedHashMap<>();
    byName.put(key, new Figure(id, label, keyValue(label)));
    List<Filled> filled = new ArrayList<>();
    List<Cell> printed = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      String cellId = id + ":c" + (i + 1);
      column.names().forEach(name -> byName.put(name, new Figure(cellId, "", new Nothing())));
      Optional<Text> figure =
          source.text(cells.get(i + 1), "a cell").filter(text -> !NO_FIGURE.contains(text.value()));
      figure.ifPresent(text -> cell(text, column, cellId, texts, byName, filled));
      printed.add(
          new Cell(
              cellId, figure.map(text -> column.pieces(cellId, text.value())).orElse(List.of())));
    }
    rows.add(new PrintedTable.Row(label, printed));
    Row row = new Row(table, number, label, byName);
    figures.add(row);
    // Only now: templates and rules may speak of any cell of the row.
    for (Filled each : filled) {
      texts.put("value", ClaimFields.printed(each.expectation()));
      each.said()
          .unresolved(
              each.id(), each.cell(), each.expectation(), Optional.of(row), texts, each.place())
          .ifPresent(drafts::add);
    }
  }

  private void cell(
      Text text,
      Column column,
      String id,
      Map<String, String> texts,
      Map<String, Figure> byName,
      List<Filled> filled) {
    Optional<Map<String, String>> printed =
        column
            .cell()
            .map(pattern -> pattern.read(text.value()))
            .orElse(Optional.of(Map.of(column.name(), text.value())));
    if (printed.isEmpty()) {
      source.complain(
          text.place(),
          "\"%s\" is not written as \"%s\""
              .formatted(text.value(), column.cell().orElseThrow().text()));
      return;
    }
    printed
        .get()
        .forEach(
            (name, figure) -> {
              String figureId = column.cell().isPresent() ? id + "/" + name : id;
              ClaimFields said = column.specs().get(name);
              texts.put(name, figure);
              said.expectation(new Text(figure, text.place()))
                  .ifPresent(
                      expectation -> {
                        said.figure(figureId, figure, expectation)
                            .ifPresent(value -> byName.put(name, value));
                        filled.add(new Filled(figureId, id, said, expectation, text.place()));
                      });
            });
  }

  private static Value keyValue(String text) {
    try {
      return Value.point(Printed.parse(text).value());
    } catch (NumberFormatException e) {
      return Value.name(text);
    }
  }
}
