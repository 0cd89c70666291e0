package dev.touchstone.suite.page;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Lines of a page. */
public final class Markdown {
  private Markdown() {}

  /** A row of a table, the first cell as code. */
  static String row(String code, String... cells) {
    return "| `" + code + "` " + row(Arrays.asList(cells));
  }

  /** A table: the columns' names, and rows of as many cells. */
  public static String table(List<String> header, List<List<String>> rows) {
    return row(header)
        + "|---".repeat(header.size())
        + "|\n"
        + rows.stream().map(Markdown::row).collect(Collectors.joining());
  }

  private static String row(List<String> cells) {
    return cells.stream()
        .map(cell -> cell.replace("|", "\\|"))
        .collect(Collectors.joining(" | ", "| ", " |\n"));
  }
}
