package dev.touchstone.suite.experiment.spd;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.intervention.ZeroAblation;
import dev.touchstone.measurement.AttentionAblation;
import dev.touchstone.measurement.AttentionAblation.Outcome;
import dev.touchstone.measurement.AttentionAblation.Pass;
import dev.touchstone.measurement.Capture;
import dev.touchstone.measurement.PredictionChange;
import dev.touchstone.model.Head;
import dev.touchstone.model.Site;
import dev.touchstone.suite.experiment.spd.LlamaNano.DecomposedModel;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.tensor.Scope;
import dev.touchstone.tensor.SeededArrays;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** spd: what a stored attention pattern is, and what the two metrics count. */
final class AblationMetricChecks implements Experiment {
  private static final long SEED = 22;
  private static final Shape LOGITS = new Shape(2, 7, 11);

  private final LlamaNano nano;

  AblationMetricChecks(LlamaNano nano) {
    this.nano = nano;
  }

  @Override
  public void register(Observables observables) {
    observables
        .add("spd/patterns/axes", a -> axes())
        .add("spd/patterns/batch-mean", a -> Observation.quantity(nano.worst(this::batchMean)))
        .add("spd/patterns/batch-of-one", a -> Observation.quantity(nano.worst(this::batchOfOne)))
        .add("spd/patterns/mixed/{batch:[2-4]}", a -> mixed(a.integer("batch")))
        .add("spd/patterns/batch-mask", a -> batchMask())
        .add("spd/patterns/sample-mean", a -> Observation.quantity(nano.worst(this::sampleMean)))
        .add("spd/metrics/top1/definition", a -> definition(true))
        .add("spd/metrics/top1/first-only", a -> firstOnly(true))
        .add("spd/metrics/kl/definition", a -> definition(false))
        .add("spd/metrics/kl/first-only", a -> firstOnly(false))
        .add("spd/metrics/kl/swapped", a -> swapped())
        .add("spd/metrics/kl/reverse-over-forward", a -> reverse());
  }

  private Observation axes() {
    DecomposedModel subject = nano.trained();
    Pass pass = subject.ablation().original();
    List<String> names = new ArrayList<>();
    for (long size : pass.patterns().get(0).getShape().getShape()) {
      names.add(
          size == subject.config().heads()
              ? "heads"
              : size == LlamaNano.LENGTH ? "T" : Long.toString(size));
    }
    return new Observation.Names(names);
  }

  /** A batch's stored pattern against the mean of its sequences' own. */
  private double batchMean(DecomposedModel subject) {
    List<Pass> alone = alone(subject, 3);
    Pass together = over(subject, subject.others());
    return worstLayer(subject, together, alone);
  }

  /** Over samples, the mean of passes against their sum by number in float64. */
  private double sampleMean(DecomposedModel subject) {
    List<Pass> alone = alone(subject, 3);
    return worstLayer(subject, subject.ablation().mean(alone), alone);
  }

  private static double worstLayer(DecomposedModel subject, Pass mean, List<Pass> alone) {
    double worst = 0;
    for (int layer = 0; layer < subject.config().layers(); layer++) {
      int at = layer;
      double[] expected =
          StochasticChecks.mean(alone.stream().map(pass -> pass.patterns().get(at)).toList());
      worst = Math.max(worst, Difference.largest(mean.patterns().get(layer), expected));
    }
    return worst;
  }

  private static List<Pass> alone(DecomposedModel subject, int count) {
    List<Pass> passes = new ArrayList<>();
    for (int row = 0; row < count; row++) {
      passes.add(over(subject, subject.others().get(row + ":" + (row + 1))));
    }
    return passes;
  }

  private static Pass over(DecomposedModel subject, NDArray ids) {
    return new AttentionAblation(subject.model(), ids, subject.keeper()).original();
  }

  private double batchOfOne(DecomposedModel subject) {
    Capture capture = new Capture(subject.keeper(), Site.PATTERN);
    Scope.compute(() -> subject.model().target().logits(subject.ids(), capture.hooks()));
    Pass pass = subject.ablation().original();
    double worst = 0;
    for (int layer = 0; layer < subject.config().layers(); layer++) {
      worst =
          Math.max(
              worst,
              Difference.largest(
                  pass.patterns().get(layer), capture.at(Site.PATTERN, layer).get(0)));
    }
    return worst;
  }

  /** How far a batch's stored pattern is from the nearest of its sequences' own, on llama-nano. */
  private Observation mixed(int batch) {
    DecomposedModel subject = nano.trained();
    return Scope.measure(
        () -> {
          NDArray ids = subject.ids().concat(subject.others(), 0).get("0:" + batch);
          Pass together = over(subject, ids);
          double nearest = Double.POSITIVE_INFINITY;
          for (int row = 0; row < batch; row++) {
            Pass own = over(subject, ids.get(row + ":" + (row + 1)));
            double farthest = 0;
            for (int layer : own.patterns().keySet()) {
              farthest =
                  Math.max(
                      farthest,
                      Difference.largest(
                          together.patterns().get(layer), own.patterns().get(layer)));
            }
            nearest = Math.min(nearest, farthest);
          }
          return Observation.quantity(nearest);
        });
  }

  /**
   * What becomes of a mask [batch, C] multiplied as it is with activations [batch, position, C],
   * for a batch of 1, one of 4 over 64 positions, and one of 4 over 4 positions: each batch's own
   * component 0 is off in the first sequence only.
   */
  private Observation batchMask() {
    return new Observation.Names(
        List.of(becomes(1, LlamaNano.LENGTH), becomes(4, LlamaNano.LENGTH), becomes(4, 4)));
  }

  private String becomes(int batch, int length) {
    NDManager manager = nano.trained().keeper();
    return Scope.measure(
        () -> {
          float[] off = new float[batch * 2];
          Arrays.fill(off, 1);
          off[0] = 0;
          NDArray mask = manager.create(off, new Shape(batch, 2));
          NDArray product;
          try {
            product = manager.ones(new Shape(batch, length, 2)).mul(mask);
          } catch (EngineException refused) {
            return "refused";
          }
          NDArray first = product.get(":, :, 0");
          boolean bySequence = first.get(0).sum().getFloat() == 0;
          return bySequence ? "by sequence" : "by position";
        });
  }

  /** Three samples of random logits: the metric against a count by hand. */
  private Observation definition(boolean top1) {
    NDManager manager = nano.trained().keeper();
    return Scope.measure(
        () -> {
          SeededArrays draw = new SeededArrays(SEED);
          List<PredictionChange> samples = new ArrayList<>();
          double changed = 0;
          double divergence = 0;
          int positions = (int) LOGITS.get(1);
          for (int sample = 0; sample < 3; sample++) {
            NDArray before = draw.normal(manager, LOGITS, 2);
            NDArray after = draw.normal(manager, LOGITS, 1).add(before);
            samples.add(PredictionChange.between(before, after));
            for (int position = 0; position < positions; position++) {
              double[] p = LlamaNano.numbers(before.get(0).get(position));
              double[] q = LlamaNano.numbers(after.get(0).get(position));
              changed += largest(p) == largest(q) ? 0 : 1;
              divergence += divergence(p, q) / positions;
            }
          }
          PredictionChange all = PredictionChange.over(samples);
          return Observation.quantity(
              top1
                  ? Math.abs(all.fracTop1Changed() - changed / (3 * positions))
                  : Math.abs(all.meanKlDivergence() - divergence / 3));
        });
  }

  private static int largest(double[] logits) {
    int largest = 0;
    for (int i = 1; i < logits.length; i++) {
      largest = logits[i] > logits[largest] ? i : largest;
    }
    return largest;
  }

  private static double divergence(double[] p, double[] q) {
    double sumP = Arrays.stream(p).map(Math::exp).sum();
    double sumQ = Arrays.stream(q).map(Math::exp).sum();
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      sum += Math.exp(p[i]) / sumP * (p[i] - Math.log(sumP) - q[i] + Math.log(sumQ));
    }
    return sum;
  }

  /** The others of a batch unchanged by the ablation, and changed as much as can be. */
  private Observation firstOnly(boolean top1) {
    NDManager manager = nano.trained().keeper();
    return Scope.measure(
        () -> {
          SeededArrays draw = new SeededArrays(SEED);
          Shape one = new Shape(1, LOGITS.get(1), LOGITS.get(2));
          NDArray before = draw.normal(manager, one, 2);
          NDArray after = draw.normal(manager, one, 1).add(before);
          NDArray others = draw.normal(manager, one, 2);
          PredictionChange with =
              PredictionChange.between(before.concat(others, 0), after.concat(others, 0));
          PredictionChange redrawn =
              PredictionChange.between(before.concat(others, 0), after.concat(others.neg(), 0));
          return Observation.quantity(
              Math.abs(
                  top1
                      ? with.fracTop1Changed() - redrawn.fracTop1Changed()
                      : with.meanKlDivergence() - redrawn.meanKlDivergence()));
        });
  }

  /** KL of 0.51 to 0.49 against 0.49 to 0.51; infinite unless every top-1 token changes. */
  private Observation swapped() {
    NDManager manager = nano.trained().keeper();
    return Scope.measure(
        () -> {
          float[] row = {(float) Math.log(0.51), (float) Math.log(0.49)};
          NDArray before = manager.create(row, new Shape(1, 1, 2)).repeat(1, 8);
          PredictionChange change = PredictionChange.between(before, before.flip(2));
          return Observation.quantity(
              change.fracTop1Changed() == 1 ? change.meanKlDivergence() : Double.POSITIVE_INFINITY);
        });
  }

  /** KL(ablated || baseline) over KL(baseline || ablated), or its inverse, for each head alone. */
  private Observation reverse() {
    DecomposedModel subject = nano.trained();
    List<Double> ratios = new ArrayList<>();
    for (Head head : Head.all(subject.config().layers(), subject.config().heads())) {
      Outcome outcome = subject.ablation().heads(ZeroAblation.of(head));
      double forward = outcome.change().meanKlDivergence();
      double reverse =
          new Outcome(outcome.ablated(), outcome.baseline()).change().meanKlDivergence();
      ratios.add(Math.max(forward, reverse) / Math.min(forward, reverse));
    }
    return Observation.quantity(ratios.stream().mapToDouble(x -> x).max().orElseThrow());
  }
}
