package dev.touchstone.suite.verdict;

import java.util.Comparator;
import java.util.List;

/**
 * A score of each head of a subject.
 *
 * @param all by layer and index
 */
public record HeadScores(List<Scored> all) {
  /** A head by its name, and its score. */
  public record Scored(String head, double value) {}

  public HeadScores {
    all = List.copyOf(all);
  }

  /** The heads that score highest, from the highest on. */
  public List<Scored> highest(int count) {
    return all.stream()
        .sorted(Comparator.comparingDouble(Scored::value).reversed())
        .limit(count)
        .toList();
  }

  /** How many heads score so high or higher. */
  public long atLeast(double bound) {
    return all.stream().filter(scored -> scored.value() >= bound).count();
  }
}
