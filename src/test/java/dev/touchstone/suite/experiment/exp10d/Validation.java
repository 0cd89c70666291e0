package dev.touchstone.suite.experiment.exp10d;

import dev.touchstone.intervention.Intervention;
import dev.touchstone.model.Head;
import dev.touchstone.statistics.Bootstrap;
import dev.touchstone.suite.experiment.exp10b.CumulativeHeads;
import dev.touchstone.suite.experiment.exp10b.Curve;
import dev.touchstone.suite.experiment.exp10b.Effects;
import dev.touchstone.suite.experiment.exp10b.HeadChange;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observables.Arguments;
import dev.touchstone.suite.observation.Observation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** exp10d, V1-V5: what 2048 tokens said against what all tokens say. */
public final class Validation implements Experiment {
  private static final String THRESHOLD = "{threshold:\\d\\.\\d}";
  private static final int TOP = 10;

  private final Effects twoK;
  private final Effects full;
  private final CumulativeHeads twoKCurves;
  private final CumulativeHeads fullCurves;

  public Validation(
      Effects twoK, Effects full, CumulativeHeads twoKCurves, CumulativeHeads fullCurves) {
    this.twoK = twoK;
    this.full = full;
    this.twoKCurves = twoKCurves;
    this.fullCurves = fullCurves;
  }

  @Override
  public void register(Observables observables) {
    observables
        .add(
            "validation/baseline/change",
            a -> across(List.of(Intervention.BASELINE), p -> p[1][0] / p[0][0] - 1))
        .add("validation/{method:zero|mean}/" + Effects.HEAD + "/full-delta", this::fullDelta)
        .add(
            "validation/{method:zero|mean}/" + Effects.HEAD + "/change",
            a -> across(alone(a), p -> delta(p[1], 0) / delta(p[0], 0) - 1))
        .add(
            "validation/" + Effects.HEAD + "/zero-over-mean/change",
            a ->
                across(
                    zeroAndMean(a),
                    p -> delta(p[1], 0) / delta(p[1], 1) / (delta(p[0], 0) / delta(p[0], 1)) - 1))
        .add(
            "validation/top-ten/" + Effects.HEAD + "/rank",
            a -> Effects.count(1 + topTenByFull().indexOf(head(a))))
        .add("validation/top-ten/largest-rank-move/{from:\\d+}-to-{to:\\d+}", this::largestMove)
        .add("validation/top/{n:\\d+}/shared/count", this::sharedTop)
        .add("validation/rank-1-over-rank-2", a -> firstOverSecond())
        .add("validation/relu/within/" + THRESHOLD + "/change", a -> thresholdChange(threshold(a)))
        .add("validation/mean-difference", a -> meanDifference());
  }

  private static HeadChange method(Arguments arguments) {
    return HeadChange.named(arguments.text("method"));
  }

  private Head head(Arguments arguments) {
    return twoK.head(arguments.text("head"));
  }

  private static double threshold(Arguments arguments) {
    return Double.parseDouble(arguments.text("threshold"));
  }

  /** Over all tokens only the heads that are asked for are measured, not all 144. */
  private double fullDelta(HeadChange method, Head head) {
    return full.ratio(method.on(List.of(head))) - 1;
  }

  private Observation fullDelta(Arguments arguments) {
    return full.changeObserved(method(arguments).on(List.of(head(arguments))));
  }

  private List<Intervention> alone(Arguments arguments) {
    return List.of(method(arguments).on(List.of(head(arguments))), Intervention.BASELINE);
  }

  private List<Intervention> zeroAndMean(Arguments arguments) {
    List<Head> alone = List.of(head(arguments));
    return List.of(HeadChange.ZERO.on(alone), HeadChange.MEAN.on(alone), Intervention.BASELINE);
  }

  /** What follows from perplexities over all tokens. */
  private Observation overAll(
      List<Intervention> interventions, ToDoubleFunction<double[]> statistic) {
    return Observation.quantity(
        Bootstrap.estimate(
            List.of(full.sample(interventions)), texts -> statistic.applyAsDouble(texts[0])));
  }

  /**
   * What follows from perplexities over 2048 tokens and over all. The interval draws from the two
   * apart, and so is rather too wide: the 2048 tokens are among all.
   */
  private Observation across(
      List<Intervention> interventions, ToDoubleFunction<double[][]> statistic) {
    return Observation.quantity(
        Bootstrap.estimate(
            List.of(twoK.sample(interventions), full.sample(interventions)), statistic));
  }

  /** The change from the last perplexity to another. */
  private static double delta(double[] perplexities, int place) {
    return Effects.meanDelta(perplexities, place, place + 1);
  }

  private List<Head> topTen() {
    return twoK.byDelta(HeadChange.ZERO).subList(0, TOP);
  }

  private List<Head> topTenByFull() {
    return topTen().stream()
        .sorted(Comparator.comparingDouble(head -> -fullDelta(HeadChange.ZERO, head)))
        .toList();
  }

  /** Of the heads at some 2K ranks, the most places one moves among the ten over all tokens. */
  private Observation largestMove(Arguments arguments) {
    return Effects.count(
        IntStream.rangeClosed(arguments.integer("from"), arguments.integer("to"))
            .map(rank -> Math.abs(1 + topTenByFull().indexOf(topTen().get(rank - 1)) - rank))
            .max()
            .orElseThrow());
  }

  private Observation sharedTop(Arguments arguments) {
    int n = arguments.integer("n");
    return Effects.count(
        topTenByFull().subList(0, n).stream().filter(topTen().subList(0, n)::contains).count());
  }

  private Observation firstOverSecond() {
    List<Head> heads = topTenByFull();
    List<Intervention> interventions =
        new ArrayList<>(Effects.each(HeadChange.ZERO, heads.subList(0, 2)));
    interventions.add(Intervention.BASELINE);
    return overAll(interventions, p -> delta(p, 0) / delta(p, 1));
  }

  private double change(double threshold) {
    return fullCurves.curve("relu").within(threshold) - twoKCurves.curve("relu").within(threshold);
  }

  private Observation thresholdChange(double threshold) {
    return Observation.quantity(change(threshold));
  }

  /**
   * V5: the mean relative difference of all tokens from 2K, over everything V1 to V4 compare: the
   * baseline, the ten heads, what V3 says of the first of them, and the growth of the perplexity at
   * each step of the ReLU curve.
   */
  private Observation meanDifference() {
    List<Head> ten = topTen();
    Curve curve = twoKCurves.curve("relu");
    List<Intervention> compared = new ArrayList<>(Effects.each(HeadChange.ZERO, ten));
    compared.addAll(Effects.each(HeadChange.MEAN, ten.subList(0, 1)));
    curve.steps().stream().filter(n -> n > 0).map(curve::at).forEach(compared::add);
    compared.add(Intervention.BASELINE);
    return across(compared, p -> meanDifference(p[0], p[1]));
  }

  /** Perplexities: the ten heads zeroed, the first at its mean, the curve, the baseline. */
  private static double meanDifference(double[] twoK, double[] full) {
    int baseline = twoK.length - 1;
    List<Double> differences = new ArrayList<>();
    differences.add(difference(twoK[baseline], full[baseline]));
    for (int i = 0; i < baseline; i++) {
      differences.add(difference(delta(twoK, i), delta(full, i)));
    }
    differences.add(
        difference(delta(twoK, 0) / delta(twoK, TOP), delta(full, 0) / delta(full, TOP)));
    differences.add(difference(delta(twoK, 0), delta(full, 0)));
    return differences.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  private static double difference(double twoK, double full) {
    return (full - twoK) / Math.abs(twoK);
  }
}
