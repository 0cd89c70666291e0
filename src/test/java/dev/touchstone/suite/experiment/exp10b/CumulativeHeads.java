package dev.touchstone.suite.experiment.exp10b;

import dev.touchstone.intervention.Intervention;
import dev.touchstone.model.Head;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Grid;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observables.Arguments;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.suite.observation.Observation.Series;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Heads changed together: 10C (zero, all), 10F (mean, layer 0 protected), 10G (zero, layer 0
 * protected), 10H (harmful heads first), 10K (each linearization by its own effects, and each head
 * its own best linearization) and V4 (ReLU in the order of {@code best_ranking}).
 */
public final class CumulativeHeads implements Experiment {
  private static final String CURVE =
      "{curve:zero-all|zero-l0-protected|mean-l0-protected|harmful-first|relu|mixed"
          + "|(?:relu|l1|identity)-by-own-effect}";
  private static final String THRESHOLD = "{threshold:\\d\\.\\d}";

  private final Effects effects;
  private final Map<String, Curve> curves = new LinkedHashMap<>();

  /**
   * @param ranking the effects that order heads to be linearized and say which linearization is a
   *     head's best: V4 takes its 2K ranking to all tokens
   */
  public CumulativeHeads(Effects effects, Effects ranking) {
    this.effects = effects;
    curves.put(
        "zero-all",
        new Curve(
            effects,
            () -> effects.leastImportantFirst(HeadChange.ZERO, effects.heads()),
            Grid::all,
            Curve::fineStepsAnd43,
            HeadChange.ZERO::on));
    curves.put(
        "zero-l0-protected",
        new Curve(
            effects,
            () -> effects.leastImportantFirst(HeadChange.ZERO, effects.headsAboveLayer0()),
            Grid::aboveLayer0,
            Curve::fineSteps,
            HeadChange.ZERO::on));
    curves.put(
        "mean-l0-protected",
        new Curve(
            effects,
            () -> effects.leastImportantFirst(HeadChange.MEAN, effects.headsAboveLayer0()),
            Grid::aboveLayer0,
            Curve::fineSteps,
            HeadChange.MEAN::on));
    curves.put(
        "harmful-first",
        new Curve(
            effects,
            this::othersAboveLayer0,
            Grid::aboveLayer0,
            Curve::fineSteps,
            heads -> HeadChange.ZERO.on(harmful()).and(HeadChange.MEAN.on(heads))));
    curves.put(
        "relu",
        new Curve(
            effects, ranking::bestRanking, Grid::aboveLayer0, Curve::tens, HeadChange.RELU::on));
    for (HeadChange linear : HeadChange.LINEAR) {
      curves.put(
          linear.word() + "-by-own-effect",
          new Curve(
              effects,
              () -> ranking.leastImportantFirst(linear, ranking.headsAboveLayer0()),
              Grid::aboveLayer0,
              Curve::fineSteps,
              linear::on));
    }
    curves.put(
        "mixed",
        new Curve(
            effects,
            ranking::mixedRanking,
            Grid::aboveLayer0,
            Curve::fineSteps,
            heads -> mixed(ranking, heads)));
  }

  /** Each head linearized in the way that costs it least. */
  private static Intervention mixed(Effects ranking, List<Head> heads) {
    return heads.stream()
        .map(head -> ranking.bestLinearization(head).on(List.of(head)))
        .reduce(Intervention.BASELINE, Intervention::and);
  }

  /** Heads whose zeroing lowers the perplexity, the most harmful first. */
  private List<Head> harmful() {
    return effects.smallestFirst(HeadChange.ZERO).stream()
        .filter(head -> effects.delta(HeadChange.ZERO, head) < 0)
        .toList();
  }

  private List<Head> othersAboveLayer0() {
    List<Head> harmful = harmful();
    return effects.leastImportantFirst(
        HeadChange.MEAN,
        effects.headsAboveLayer0().stream().filter(head -> !harmful.contains(head)).toList());
  }

  public Curve curve(String name) {
    return curves.get(name);
  }

  @Override
  public void register(Observables observables) {
    observables
        .add(
            "cumulative/" + CURVE + "/{n:\\d+}/perplexity",
            a -> effects.perplexityObserved(curve(a).at(a.integer("n"))))
        .add(
            "cumulative/" + CURVE + "/{n:\\d+}/ratio",
            a -> effects.ratioObserved(curve(a).at(a.integer("n"))))
        .add(
            "cumulative/" + CURVE + "/within/" + THRESHOLD + "/heads",
            a -> Rounding.observed(kept -> curve(a).within(kept, threshold(a))))
        .add("cumulative/" + CURVE + "/total-heads", a -> Effects.count(curve(a).order().size()))
        .add("cumulative/" + CURVE + "/order", a -> Effects.names(curve(a).order()))
        .add("cumulative/" + CURVE + "/steps", a -> Effects.counts(curve(a).steps()))
        .add("cumulative/left-of-harmless/{percent:\\d+}/" + THRESHOLD, this::leftOfHarmless)
        .add(
            "cumulative/harmful-first-gain/" + THRESHOLD,
            a -> Rounding.observed(kept -> harmfulFirstGain(kept, threshold(a))))
        .add("harmful/heads", a -> Effects.names(harmful()))
        .add("harmful/sum-of-deltas", a -> sumOfDeltas())
        .add("harmful/joint/delta", a -> effects.changeObserved(jointly()))
        .add("harmful/joint/perplexity", a -> effects.perplexityObserved(jointly()))
        .add("harmful/joint/ratio", a -> effects.ratioObserved(jointly()));
  }

  private Curve curve(Arguments arguments) {
    return curve(arguments.text("curve"));
  }

  private static double threshold(Arguments arguments) {
    return Double.parseDouble(arguments.text("threshold"));
  }

  /** How many more heads go when the harmful ones go first, those included. */
  private double harmfulFirstGain(Rounding kept, double threshold) {
    Curve first = curve("harmful-first");
    double removed =
        first.ratio(kept, 0) <= threshold ? harmful().size() + first.within(kept, threshold) : 0;
    return removed - curve("mean-l0-protected").within(kept, threshold);
  }

  /**
   * The shares harmless alone and not removable together: of all under zero, of those above layer 0
   * under mean.
   */
  private Series leftOfHarmless(Arguments arguments) {
    double bound = arguments.integer("percent") / 100.0;
    double threshold = threshold(arguments);
    return new Series(
        List.of(
            effects.shareBelow(HeadChange.ZERO, bound) - curve("zero-all").shareWithin(threshold),
            effects.shareBelow(HeadChange.MEAN, bound)
                - curve("mean-l0-protected").shareWithin(threshold)));
  }

  private Observation sumOfDeltas() {
    List<Head> heads = harmful();
    int count = heads.size();
    return effects.observed(
        heads.stream().mapToDouble(head -> effects.delta(HeadChange.ZERO, head)).sum(),
        Effects.each(HeadChange.ZERO, heads),
        perplexities -> count == 0 ? 0 : count * Effects.meanDelta(perplexities, 0, count));
  }

  private Intervention jointly() {
    return HeadChange.ZERO.on(harmful());
  }
}
