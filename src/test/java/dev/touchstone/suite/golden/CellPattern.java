package dev.touchstone.suite.golden;

import dev.touchstone.suite.golden.PrintedTable.Piece;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a cell with several figures is written: {@code {heads}/144 ({share})}. What stands outside
 * braces stands in the cell too. {@code {low:%}} is a figure whose mark is printed elsewhere: the
 * 26 of {@code (26-31%)}.
 */
record CellPattern(String text, Pattern pattern, List<Part> parts) {
  private static final Pattern PLACEHOLDER =
      Pattern.compile("\\{(?<name>[A-Za-z][A-Za-z0-9-]*)(?::(?<mark>[x%]))?}");

  /** A named figure of the cell and the mark it lacks. */
  private record Part(String name, String mark) {}

  static CellPattern parse(String text) {
    StringBuilder pattern = new StringBuilder();
    List<Part> parts = new ArrayList<>();
    Matcher placeholder = PLACEHOLDER.matcher(text);
    int end = 0;
    while (placeholder.find()) {
      // A figure ends where what follows it first stands: to try every other end takes years.
      String words = Pattern.quote(text.substring(end, placeholder.start()));
      pattern.append(parts.isEmpty() ? words : "(?>(.+?)" + words + ")");
      String mark = placeholder.group("mark");
      parts.add(new Part(placeholder.group("name"), mark == null ? "" : mark));
      end = placeholder.end();
    }
    pattern.append("(.+?)").append(Pattern.quote(text.substring(end)));
    if (parts.isEmpty()) {
      throw new IllegalArgumentException(
          "\"" + text + "\" names no figure; write for instance \"{heads}/144 ({share})\"");
    }
    return new CellPattern(text, Pattern.compile(pattern.toString()), parts);
  }

  /** The names of the figures, in the order in which they stand. */
  List<String> names() {
    return parts.stream().map(Part::name).toList();
  }

  /**
   * A cell's text from left to right, the figures and what stands between them.
   *
   * @param id the cell's; each figure's claim is called after it
   */
  List<Piece> pieces(String id, String cell) {
    Matcher matcher = pattern.matcher(cell);
    if (!matcher.matches()) {
      return List.of();
    }
    List<Piece> pieces = new ArrayList<>();
    int end = 0;
    for (int i = 0; i < parts.size(); i++) {
      pieces.add(new Piece(cell.substring(end, matcher.start(i + 1)), Optional.empty()));
      pieces.add(new Piece(matcher.group(i + 1), Optional.of(id + "/" + parts.get(i).name())));
      end = matcher.end(i + 1);
    }
    pieces.add(new Piece(cell.substring(end), Optional.empty()));
    return pieces.stream().filter(piece -> !piece.text().isEmpty()).toList();
  }

  /** The figures of a cell by name; empty when the cell is not written so. */
  Optional<Map<String, String>> read(String cell) {
    Matcher matcher = pattern.matcher(cell);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Map<String, String> figures = new LinkedHashMap<>();
    for (int i = 0; i < parts.size(); i++) {
      figures.put(parts.get(i).name(), matcher.group(i + 1) + parts.get(i).mark());
    }
    return Optional.of(figures);
  }
}
