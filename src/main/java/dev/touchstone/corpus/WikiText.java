package dev.touchstone.corpus;

import dev.touchstone.runtime.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** WikiText-2 raw (Merity et al. 2016) as text, the way the reports feed it to a tokenizer. */
public final class WikiText {
  private WikiText() {}

  /**
   * A split's file as one text: its rows joined by two newlines.
   *
   * @throws BrokenAssetException when the file cannot be read as UTF-8
   */
  public static String text(Path split) {
    return String.join("\n\n", rows(split));
  }

  /**
   * The rows of a split's file.
   *
   * @throws BrokenAssetException when the file cannot be read as UTF-8
   */
  public static List<String> rows(Path split) {
    try {
      return rows(Files.readString(split));
    } catch (IOException e) {
      throw new BrokenAssetException(
          "%s cannot be read (%s): check that it is a UTF-8 text this user may read."
              .formatted(split, Reason.of(e, split)),
          e);
    }
  }

  /**
   * The rows of a split: a blank line is the empty string, any other line keeps its newline, so a
   * join leaves three newlines between two lines of text.
   */
  static List<String> rows(String raw) {
    List<String> rows = new ArrayList<>();
    int start = 0;
    while (start < raw.length()) {
      int newline = raw.indexOf('\n', start);
      int end = newline < 0 ? raw.length() : newline + 1;
      String line = raw.substring(start, end);
      rows.add(line.isBlank() ? "" : line);
      start = end;
    }
    return rows;
  }

  static String name(Split split) {
    return "wikitext-2/" + split.name().toLowerCase(Locale.ROOT);
  }
}
