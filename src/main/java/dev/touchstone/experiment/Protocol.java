package dev.touchstone.experiment;

import dev.touchstone.corpus.Chunks;
import dev.touchstone.corpus.Unavailable;
import dev.touchstone.intervention.Composition;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Linearization;
import dev.touchstone.intervention.Materials;
import dev.touchstone.intervention.MeanAblation;
import dev.touchstone.intervention.ZeroAblation;
import dev.touchstone.measurement.LossSum;
import dev.touchstone.model.WeightProcessing;
import dev.touchstone.model.WeightProcessing.Step;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.SortedMap;
import java.util.function.Predicate;

/**
 * How exp10 is measured: as the reports say, or with one of their choices made otherwise. What a
 * choice does not touch is the reports' own measurement; what it touches and costs too much to
 * measure again is {@link Unavailable}.
 */
public enum Protocol {
  /** docs/protocol.md, sections 1 to 5. */
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

  private static final String OTHER_TEXT = "other-text";

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

  /** What is scored where the reports score these chunks. */
  Chunks scored(Chunks chunks, Bench bench) {
    return this == BEGIN_OF_TEXT ? chunks.after(bench.beginOfText()) : chunks;
  }

  /** What heads are ranked by, the smallest first. */
  double importance(double delta) {
    return this == SIGNED_RANKING ? delta : Math.abs(delta);
  }

  /** The losses of the chunks under each intervention, by the intervention asked for. */
  Map<Intervention, List<LossSum>> measure(
      Bench bench, Chunks chunks, List<Intervention> interventions) {
    return switch (this) {
      case REPORTS, SIGNED_RANKING, INTERPOLATED_THRESHOLDS ->
          measure(bench, WeightProcessing.TRANSFORMER_LENS, chunks, interventions);
      case VALUE_BIASES_KEPT -> withValueBiases(bench, chunks, interventions);
      case MEANS_OF_OTHER_TEXT -> withOtherMeans(bench, chunks, interventions);
      case BEGIN_OF_TEXT -> {
        leaveOut(interventions, part -> !(part instanceof ZeroAblation));
        yield measure(bench, WeightProcessing.TRANSFORMER_LENS, chunks, interventions);
      }
    };
  }

  private static Map<Intervention, List<LossSum>> measure(
      Bench bench, WeightProcessing processing, Chunks chunks, List<Intervention> interventions) {
    return bench
        .laboratory()
        .losses(bench.subject(processing), chunks, interventions, Materials.NONE);
  }

  private Map<Intervention, List<LossSum>> withValueBiases(
      Bench bench, Chunks chunks, List<Intervention> interventions) {
    leaveOut(interventions, Linearization.class::isInstance);
    Predicate<Intervention> zeroes =
        each -> parts(each).stream().anyMatch(ZeroAblation.class::isInstance);
    Map<Intervention, List<LossSum>> losses = new LinkedHashMap<>();
    losses.putAll(
        measure(
            bench,
            WeightProcessing.TRANSFORMER_LENS.without(Step.FOLD_VALUE_BIASES),
            chunks,
            interventions.stream().filter(zeroes).toList()));
    losses.putAll(
        measure(
            bench,
            WeightProcessing.TRANSFORMER_LENS,
            chunks,
            interventions.stream().filter(zeroes.negate()).toList()));
    return losses;
  }

  private static Map<Intervention, List<LossSum>> withOtherMeans(
      Bench bench, Chunks chunks, List<Intervention> interventions) {
    Map<Intervention, Intervention> asked = new LinkedHashMap<>();
    interventions.forEach(each -> asked.put(otherMeans(each), each));
    boolean means = !List.copyOf(asked.keySet()).equals(interventions);
    Materials materials =
        means
            ? Materials.NONE.with(
                OTHER_TEXT, bench.laboratory().headMeans(bench.subject(), bench.besides(chunks)))
            : Materials.NONE;
    Map<Intervention, List<LossSum>> losses = new LinkedHashMap<>();
    bench
        .laboratory()
        .losses(bench.subject(), chunks, asked.keySet(), materials)
        .forEach((measured, sums) -> losses.put(asked.get(measured), sums));
    return losses;
  }

  private static Intervention otherMeans(Intervention intervention) {
    return Composition.of(
        parts(intervention).stream()
            .map(
                part ->
                    part instanceof MeanAblation mean
                        ? new MeanAblation(mean.heads(), OTHER_TEXT)
                        : part)
            .toArray(Intervention[]::new));
  }

  private static List<Intervention> parts(Intervention intervention) {
    return intervention instanceof Composition composition
        ? composition.parts()
        : List.of(intervention);
  }

  private void leaveOut(List<Intervention> interventions, Predicate<Intervention> costly) {
    if (interventions.stream().flatMap(each -> parts(each).stream()).anyMatch(costly)) {
      throw new Unavailable("Not measured again where " + words, "");
    }
  }

  /**
   * The largest number of heads whose ratio is within a threshold.
   *
   * @param ratios by the numbers of heads that were measured
   */
  double within(SortedMap<Integer, Double> ratios, double threshold) {
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
