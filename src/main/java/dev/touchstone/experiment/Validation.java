package dev.touchstone.experiment;

import dev.touchstone.experiment.Observables.Arguments;
import dev.touchstone.measurement.Observation;
import dev.touchstone.model.Head;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** exp10d, V1-V5: what 2048 tokens said against what all tokens say. */
final class Validation {
  private static final String THRESHOLD = "{threshold:\\d\\.\\d}";
  private static final int TOP = 10;

  private final Effects twoK;
  private final Effects full;
  private final CumulativeHeads twoKCurves;
  private final CumulativeHeads fullCurves;

  Validation(Effects twoK, Effects full, CumulativeHeads twoKCurves, CumulativeHeads fullCurves) {
    this.twoK = twoK;
    this.full = full;
    this.twoKCurves = twoKCurves;
    this.fullCurves = fullCurves;
  }

  void register(Observables observables) {
    observables
        .add(
            "validation/baseline/change",
            a -> Observation.quantity(full.baseline() / twoK.baseline() - 1))
        .add(
            "validation/baseline/shortfall",
            a -> Observation.quantity(1 - twoK.baseline() / full.baseline()))
        .add("validation/{method:zero|mean}/" + Effects.HEAD + "/full-delta", this::fullDelta)
        .add(
            "validation/{method:zero|mean}/" + Effects.HEAD + "/change",
            a ->
                Observation.quantity(
                    fullDelta(method(a), head(a)) / twoK.delta(method(a), head(a)) - 1))
        .add(
            "validation/" + Effects.HEAD + "/zero-over-mean",
            a -> Observation.quantity(reduction(head(a))))
        .add(
            "validation/" + Effects.HEAD + "/constant-share",
            a -> Observation.quantity(1 - 1 / reduction(head(a))))
        .add(
            "validation/" + Effects.HEAD + "/zero-over-mean/change",
            a ->
                Observation.quantity(
                    reduction(head(a))
                            / (twoK.delta(Method.ZERO, head(a)) / twoK.delta(Method.MEAN, head(a)))
                        - 1))
        .add(
            "validation/top-ten/" + Effects.HEAD + "/rank",
            a -> Effects.count(1 + topTenByFull().indexOf(head(a))))
        .add("validation/top-ten/largest-rank-move/{from:\\d+}-to-{to:\\d+}", this::largestMove)
        .add("validation/top/{n:\\d+}/shared/count", this::sharedTop)
        .add("validation/rank-1-over-rank-2", a -> firstOverSecond())
        .add("validation/relu/within/" + THRESHOLD + "/change", a -> thresholdChange(threshold(a)))
        .add("validation/relu/largest-threshold-change", a -> largestThresholdChange())
        .add("validation/mean-difference", a -> Observation.quantity(meanDifference()));
  }

  private static Method method(Arguments arguments) {
    return Method.named(arguments.text("method"));
  }

  private Head head(Arguments arguments) {
    return twoK.head(arguments.text("head"));
  }

  private static double threshold(Arguments arguments) {
    return Double.parseDouble(arguments.text("threshold"));
  }

  /** Over all tokens only the heads that are asked for are measured, not all 144. */
  private double fullDelta(Method method, Head head) {
    return full.ratio(method.on(List.of(head))) - 1;
  }

  private Observation fullDelta(Arguments arguments) {
    return full.changeObserved(method(arguments).on(List.of(head(arguments))));
  }

  private double reduction(Head head) {
    return fullDelta(Method.ZERO, head) / fullDelta(Method.MEAN, head);
  }

  private List<Head> topTen() {
    return twoK.byDelta(Method.ZERO).subList(0, TOP);
  }

  private List<Head> topTenByFull() {
    return topTen().stream()
        .sorted(Comparator.comparingDouble(head -> -fullDelta(Method.ZERO, head)))
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
    return Observation.quantity(
        fullDelta(Method.ZERO, heads.get(0)) / fullDelta(Method.ZERO, heads.get(1)));
  }

  private int change(double threshold) {
    return fullCurves.curve("relu").within(threshold) - twoKCurves.curve("relu").within(threshold);
  }

  private Observation thresholdChange(double threshold) {
    return Effects.count(change(threshold));
  }

  private Observation largestThresholdChange() {
    return Effects.count(
        List.of(1.1, 1.5, 2.0).stream().mapToInt(t -> Math.abs(change(t))).max().orElseThrow());
  }

  /**
   * V5: the mean relative difference of all tokens from 2K, over everything V1 to V4 compare: the
   * baseline, the ten heads, what V3 says of the first of them, and the growth of the perplexity at
   * each step of the ReLU curve.
   */
  private double meanDifference() {
    List<Double> differences = new ArrayList<>();
    differences.add(difference(twoK.baseline(), full.baseline()));
    for (Head head : topTen()) {
      differences.add(difference(twoK.delta(Method.ZERO, head), fullDelta(Method.ZERO, head)));
    }
    Head first = topTen().get(0);
    double zero = twoK.delta(Method.ZERO, first);
    double mean = twoK.delta(Method.MEAN, first);
    differences.add(difference(zero, fullDelta(Method.ZERO, first)));
    differences.add(difference(mean, fullDelta(Method.MEAN, first)));
    differences.add(difference(zero / mean, reduction(first)));
    Curve atTwoK = twoKCurves.curve("relu");
    Curve atFull = fullCurves.curve("relu");
    for (int n : atTwoK.steps()) {
      if (n > 0) {
        differences.add(difference(atTwoK.ratio(n) - 1, atFull.ratio(n) - 1));
      }
    }
    return differences.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  private static double difference(double twoK, double full) {
    return (full - twoK) / Math.abs(twoK);
  }
}
