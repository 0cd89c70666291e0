package dev.touchstone.suite.reproduction;

import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * Which tags a build was asked for, as far as lists of tags say: an expression with more in it than
 * commas and bars is taken to ask for all.
 *
 * @param groups as Maven's {@code groups}; all when blank
 * @param excluded as its {@code excludedGroups}; none when blank
 */
record Tagged(String groups, String excluded) implements Predicate<String> {
  @Override
  public boolean test(String tag) {
    List<String> wanted = list(groups);
    return (wanted.isEmpty() || wanted.contains(tag)) && !list(excluded).contains(tag);
  }

  private static List<String> list(String tags) {
    return tags.matches("[\\w\\s,|.-]*")
        ? Arrays.stream(tags.split("[,|\\s]+")).filter(tag -> !tag.isEmpty()).toList()
        : List.of();
  }
}
