package dev.touchstone.suite.golden;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text with the names of a row's cells in braces, {@code exp06/injection/{k}/ratio}. */
record Template(String text) {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)}");

  /** The names in braces. */
  Set<String> placeholders() {
    Set<String> names = new LinkedHashSet<>();
    PLACEHOLDER.matcher(text).results().forEach(result -> names.add(result.group(1)));
    return names;
  }

  /** The text with the cells in place of their names, all of which must be given. */
  String fill(Map<String, String> cells) {
    return PLACEHOLDER
        .matcher(text)
        .replaceAll(result -> Matcher.quoteReplacement(cells.get(result.group(1))));
  }
}
