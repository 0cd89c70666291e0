package dev.touchstone.suite.observation;

import dev.touchstone.corpus.Unavailable;
import java.util.Iterator;
import java.util.Map.Entry;
import java.util.SortedMap;

/**
 * How exp10 is measured: as the reports say, or with one of their choices made otherwise. What a
 * choice does not touch is the reports' own measurement; what it touches and costs too much to
 * measure again is {@link Unavailable}.
 */
public enum Protocol {
  /** docs/protocol.md, 1 to 4. */
  REPORTS("as the reports measured", ""),
  /** Zeroing a head's output takes its value bias too. */
  VALUE_BIASES_KEPT(
      "value biases are not folded into the output bias",
      "Zeroing a head then takes its value bias away too. A mean keeps it, and so do attention weights that add up to one:"
          + " mean-ablation is left as it was, and linearization is not measured again."),
  /** Means of text that is not scored. */
  MEANS_OF_OTHER_TEXT(
      "means are taken on other text than is scored",
      "As many chunks as are scored, of the validation text that follows them, or of the test text where nothing follows."),
  /** Who helps most goes first. */
  SIGNED_RANKING(
      "heads are ranked by their signed effect, not by its magnitude",
      "So a head that helps when removed goes before one that does nothing; single effects are left as they were."),
  /** A token before every chunk. */
  BEGIN_OF_TEXT(
      "a begin-of-text token stands before each chunk",
      "The token takes the chunk's first place, and its last token goes. GPT-2 gets <|endoftext|>. nano144 has no such"
          + " token, and what begins every line of the text it learnt from, the newline, stands in for it. Only"
          + " zero-ablation is measured again."),
  /** Between the measured numbers of heads too. */
  INTERPOLATED_THRESHOLDS(
      "thresholds are interpolated between the measured numbers of heads",
      "A threshold is where the straight line between two measured points crosses it, not the largest measured point below.");

  private final String words;
  private final String account;

  Protocol(String words, String account) {
    this.words = words;
    this.account = account;
  }

  /** What is different, as a clause. */
  public String words() {
    return words;
  }

  /** What exactly is done, and what is left as it was. */
  public String account() {
    return account;
  }

  /** What heads are ranked by, the smallest first. */
  public double importance(double delta) {
    return this == SIGNED_RANKING ? delta : Math.abs(delta);
  }

  /**
   * The largest number of heads whose ratio is within a threshold.
   *
   * @param ratios by the numbers of heads that were measured
   */
  public double within(SortedMap<Integer, Double> ratios, double threshold) {
    int last = 0;
    for (Entry<Integer, Double> point : ratios.entrySet()) {
      last = point.getValue() <= threshold ? point.getKey() : last;
    }
    Iterator<Entry<Integer, Double>> beyond = ratios.tailMap(last + 1).entrySet().iterator();
    if (this != INTERPOLATED_THRESHOLDS || !ratios.containsKey(last) || !beyond.hasNext()) {
      return last;
    }
    double from = ratios.get(last);
    Entry<Integer, Double> next = beyond.next();
    return from > threshold
        ? last
        : last + (next.getKey() - last) * (threshold - from) / (next.getValue() - from);
  }
}
