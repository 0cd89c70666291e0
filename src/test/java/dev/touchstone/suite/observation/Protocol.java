package dev.touchstone.suite.observation;

import dev.touchstone.corpus.Unavailable;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.Map.Entry;
import java.util.Set;
import java.util.SortedMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

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
      "The token takes the chunk's first place, and its last token goes. GPT-2 gets <|endoftext|>. A smaller"
          + " vocabulary, as nano144's, has no such token, and the newline stands in for it. Only"
          + " zero-ablation is measured again."),
  /** What the other ways to ablate are held against. */
  SHORT_TEXT(
      "only the beginning of the 2K text is scored",
      "An eighth of its chunks, but two at least: of GPT-2's two chunks nothing is left out. Rankings and thresholds only."),
  /** Another chunk's outputs. */
  RESAMPLED(
      "an ablated head gives its output on another chunk",
      "Resampling, in the place of zero- and mean-ablation: at each position the head's output at the same position of"
          + " another chunk, which a seed draws. Rankings and thresholds only, on the beginning of the 2K text."),
  /** The mean over a text of its own. */
  REFERENCE_MEANS(
      "an ablated head gives its mean over a reference text",
      "In the place of zero- and mean-ablation; the reference are the 2048 tokens that follow what is scored. Rankings and"
          + " thresholds only, on the beginning of the 2K text."),
  /** A mean for each token. */
  TOKEN_MEANS(
      "an ablated head gives its mean for the token",
      "In the place of zero- and mean-ablation: its mean over all positions of the reference text where the same token"
          + " stands, and over all its positions where it has not the token. The reference are the 2048 tokens that follow"
          + " what is scored. Rankings and thresholds only, on the beginning of the 2K text."),
  /** Constants that cost least. */
  OPTIMAL_CONSTANTS(
      "an ablated head gives its optimal constant",
      "In the place of zero- and mean-ablation: the best constant that 2 steps of gradient descent from the mean find for"
          + " the head alone on the text that is scored; of heads ablated together each keeps its own. Rankings and"
          + " thresholds only, on the beginning of the 2K text; of GPT-2 with -Ppaper-full, since the fits take long."),
  /** Attention that does not look. */
  FROZEN_PATTERNS(
      "an ablated head attends by its average pattern",
      "In the place of zero- and mean-ablation: the head's mean pattern over the 2048 tokens that follow what is scored,"
          + " with its own values. Rankings and thresholds only, on the beginning of the 2K text."),
  /** Between the measured numbers of heads too. */
  INTERPOLATED_THRESHOLDS(
      "thresholds are interpolated between the measured numbers of heads",
      "A threshold is where the straight line between two measured points crosses it, not the largest measured point below.");

  /** Those that put something else in the place of zero- and mean-ablation. */
  public static final Set<Protocol> OTHER_ABLATIONS =
      Set.copyOf(EnumSet.range(RESAMPLED, FROZEN_PATTERNS));

  private static final Pattern RANKING_OR_THRESHOLD =
      Pattern.compile(
          "heads/(zero|mean)/(rank/|L\\d+H\\d+/rank|largest/|smallest/|least-important/|below/|improved/)"
              + "|cumulative/(zero-all|(zero|mean)-l0-protected)/within/"
              + "|layers/(zero|mean)/largest-mean-delta");

  private static final Pattern ABLATION = Pattern.compile("(zero|mean)(?=/|-all/|-l0-protected/)");

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

  /** Whether only the beginning of the 2K text is scored. */
  public boolean onShortText() {
    return this == SHORT_TEXT || OTHER_ABLATIONS.contains(this);
  }

  /**
   * Whether the choice is asked of an observable. Another way to ablate is asked of rankings and
   * thresholds, but of none that compares zero- with mean-ablation, for it stands for both.
   */
  public boolean concerns(String path) {
    return !onShortText()
        || RANKING_OR_THRESHOLD.matcher(path).find()
            && ABLATION.matcher(path).results().map(MatchResult::group).distinct().count() == 1;
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
