package dev.touchstone.suite.golden;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text with the names of a row's cells in braces, {@code exp06/injection/{k}/ratio}. A name that
 * is given a range, {@code {layer:0..11}}, is a formula's own, wherever it stands.
 */
record Template(String text) {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)}");
  private static final Pattern RANGE = Pattern.compile("([a-z][a-z0-9-]*):[A-Za-z0-9].*");

  /** How many names in braces there are, one for each time that it is written. */
  int size() {
    return (int) PLACEHOLDER.matcher(text).results().count();
  }

  /** The names in braces. */
  Set<String> placeholders() {
    Set<String> names = new LinkedHashSet<>();
    PLACEHOLDER.matcher(text).results().forEach(result -> names.add(result.group(1)));
    for (String name : List.copyOf(names)) {
      Matcher range = RANGE.matcher(name);
      if (range.matches()) {
        names.removeAll(List.of(name, range.group(1)));
      }
    }
    return names;
  }

  /** The text with the cells in place of their names, all of which must be given. */
  String fill(Map<String, String> cells) {
    Set<String> placeholders = placeholders();
    return PLACEHOLDER
        .matcher(text)
        .replaceAll(
            result ->
                Matcher.quoteReplacement(
                    placeholders.contains(result.group(1))
                        ? cells.get(result.group(1))
                        : result.group()));
  }
}
