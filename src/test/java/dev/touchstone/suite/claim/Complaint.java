package dev.touchstone.suite.claim;

import java.util.List;
import java.util.Optional;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** What is wrong at a place of a file, and what to write instead, in one sentence. */
public record Complaint(Place place, String sentence) {
  /** Characters shown of the beginning and of the end of a sentence, which may quote a page. */
  private static final int SHOWN = 400;

  /** Cuts a long sentence in its midst. */
  public Complaint {
    if (sentence.length() > 2 * SHOWN) {
      sentence =
          sentence.substring(0, SHOWN) + "..." + sentence.substring(sentence.length() - SHOWN);
    }
  }

  @Override
  public String toString() {
    return place + ": " + sentence;
  }

  /**
   * {@code "; did you mean "unit"?"} when one of the choices is near enough to be a slip of the
   * hand, else nothing.
   */
  public static String suggestion(String written, Iterable<String> choices) {
    return closest(written, choices).map(choice -> "; did you mean \"" + choice + "\"?").orElse("");
  }

  private static Optional<String> closest(String written, Iterable<String> choices) {
    int farthest = Math.max(1, Math.min(3, written.length() / 2));
    LevenshteinDistance distance = new LevenshteinDistance(farthest);
    String best = null;
    int least = farthest + 1;
    for (String choice : choices) {
      // A word broken off is as near as the farthest slip.
      boolean beginning = written.length() > farthest && choice.startsWith(written);
      int edits = distance.apply(written, choice);
      int steps = Math.min(edits < 0 ? least : edits, beginning ? farthest : least);
      if (steps < least) {
        best = choice;
        least = steps;
      }
    }
    return Optional.ofNullable(best);
  }

  /** {@code a, b or c}, for sentences that say what may be written. */
  public static String alternatives(List<String> choices) {
    int last = choices.size() - 1;
    return last < 1
        ? String.join("", choices)
        : String.join(", ", choices.subList(0, last)) + " or " + choices.get(last);
  }
}
