package dev.touchstone.suite.experiment.exp10d;

import dev.touchstone.intervention.Intervention;
import dev.touchstone.model.Head;
import dev.touchstone.suite.experiment.exp10b.CumulativeHeads;
import dev.touchstone.suite.experiment.exp10b.Curve;
import dev.touchstone.suite.experiment.exp10b.Effects;
import dev.touchstone.suite.experiment.exp10b.HeadChange;
import dev.touchstone.suite.experiment.exp10b.Rounding;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Grid;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observables.Arguments;
import dev.touchstone.suite.observation.Observation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;

/** exp10d, V1-V5: what 2048 tokens said against what all tokens say. */
public final class Validation implements Experiment {
  private static final String THRESHOLD = "{threshold:\\d\\.\\d}";
  private static final int TOP = 10;

  /** V3's and V5's head in the reports' grid, whichever ranks first. */
  private static final Head BY_NAME = Head.parse("L0H8");

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
            a ->
                across(
                    List.of(Intervention.BASELINE),
                    (kept, p) ->
                        ValidationRow.relative(kept.perplexity(p[0][0]), kept.perplexity(p[1][0]))))
        .add("validation/{method:zero|mean}/" + Effects.HEAD + "/full-delta", this::fullDelta)
        .add(
            "validation/{method:zero|mean}/" + Effects.HEAD + "/change",
            a ->
                across(
                    alone(a),
                    (kept, p) ->
                        ValidationRow.relative(
                            method(a).delta(kept, p[0][0], p[0][1]), kept.delta(p[1][0], p[1][1]))))
        .add(
            "validation/" + Effects.HEAD + "/zero-over-mean/change",
            a ->
                across(
                    zeroAndMean(a),
                    (kept, p) ->
                        ValidationRow.relative(
                            reduction(
                                HeadChange.ZERO.delta(kept, p[0][0], p[0][2]),
                                HeadChange.MEAN.delta(kept, p[0][1], p[0][2])),
                            reduction(kept.delta(p[1][0], p[1][2]), kept.delta(p[1][1], p[1][2])))))
        .add(
            "validation/top-ten/" + Effects.HEAD + "/rank",
            a -> Effects.count(1 + topTenByFull().indexOf(head(a))))
        .add("validation/top-ten/largest-rank-move/{from:\\d+}-to-{to:\\d+}", this::largestMove)
        .add("validation/top/{n:\\d+}/shared/count", this::sharedTop)
        .add("validation/rank-1-over-rank-2", a -> firstOverSecond())
        .add(
            "validation/relu/within/" + THRESHOLD + "/change",
            a -> Rounding.observed(kept -> change(kept, threshold(a))))
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

  /** Over all tokens only the heads that are asked for are measured, not all. */
  private double fullZeroDelta(Head head) {
    return full.change(HeadChange.ZERO.on(List.of(head)));
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

  /**
   * What follows from perplexities over 2048 tokens and over all. The interval draws from the two
   * apart, and so is rather too wide: the 2048 tokens are among all.
   */
  private Observation across(
      List<Intervention> interventions, ToDoubleBiFunction<Rounding, double[][]> figure) {
    return Rounding.estimated(
        List.of(twoK.sample(interventions), full.sample(interventions)), figure);
  }

  /** How much less replacing a head by its mean hurts than zeroing it. */
  private static double reduction(double zero, double mean) {
    return zero / Math.abs(mean);
  }

  private List<Head> topTen() {
    List<Head> ranked = twoK.byDelta(HeadChange.ZERO);
    Effects.ranked(ranked, TOP);
    return ranked.subList(0, TOP);
  }

  private List<Head> topTenByFull() {
    return topTen().stream()
        .sorted(Comparator.comparingDouble(head -> -fullZeroDelta(head)))
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
    return full.observed(
        interventions, (kept, p) -> kept.delta(p[0], p[2]) / kept.delta(p[1], p[2]));
  }

  private double change(Rounding kept, double threshold) {
    return fullCurves.curve("relu").within(kept, threshold)
        - twoKCurves.curve("relu").within(kept, threshold);
  }

  /** V5: by how much all tokens differ from 2K, on average over everything V1 to V4 compare. */
  private Observation meanDifference() {
    List<Head> alone = new ArrayList<>(topTen());
    Head single = twoK.grid().equals(Grid.REPORTS) ? BY_NAME : topTen().get(0);
    alone.add(single);
    Curve curve = twoKCurves.curve("relu");
    List<Intervention> compared = new ArrayList<>(Effects.each(HeadChange.ZERO, alone));
    compared.add(HeadChange.MEAN.on(List.of(single)));
    curve.steps().stream().filter(n -> n > 0).map(curve::at).forEach(compared::add);
    compared.add(Intervention.BASELINE);
    return across(compared, (kept, p) -> ValidationRow.mean(differences(kept, p[0], p[1])) / 100);
  }

  /**
   * Perplexities: the ten heads and the one by its name zeroed, that one at its mean, the curve,
   * the baseline.
   */
  private static List<ValidationRow> differences(Rounding kept, double[] twoK, double[] full) {
    int mean = TOP + 1;
    int last = twoK.length - 1;
    double baseline = twoK[last];
    List<ValidationRow> rows = new ArrayList<>();
    rows.add(
        ValidationRow.ofPerplexities(kept, kept.perplexity(baseline), kept.perplexity(full[last])));
    double[] effects = new double[mean + 1];
    double[] fullEffects = new double[mean + 1];
    for (int i = 0; i <= mean; i++) {
      HeadChange method = i == mean ? HeadChange.MEAN : HeadChange.ZERO;
      effects[i] = method.delta(kept, twoK[i], baseline);
      fullEffects[i] = kept.delta(full[i], full[last]);
      rows.add(ValidationRow.ofEffects(kept, effects[i], fullEffects[i]));
    }
    rows.add(
        ValidationRow.ofEffects(
            kept,
            reduction(effects[TOP], effects[mean]),
            reduction(fullEffects[TOP], fullEffects[mean])));
    for (int i = mean + 1; i < last; i++) {
      rows.add(
          ValidationRow.ofGrowth(
              kept, kept.ratio(twoK[i], baseline), kept.ratio(full[i], full[last])));
    }
    return rows;
  }
}
