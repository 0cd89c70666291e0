package dev.touchstone.suite.page;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Lines of a page. */
final class Markdown {
  private Markdown() {}

  /** A row of a table, the first cell as code. */
  static String row(String code, String... cells) {
    return Arrays.stream(cells)
        .map(cell -> cell.replace("|", "\\|"))
        .collect(Collectors.joining(" | ", "| `" + code + "` | ", " |\n"));
  }
}
