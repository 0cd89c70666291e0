package dev.touchstone.suite.experiment.spd;

import ai.djl.ndarray.NDArray;
import dev.touchstone.decomposition.AdversarialMasks;
import dev.touchstone.decomposition.AscentBudget;
import dev.touchstone.decomposition.Component;
import dev.touchstone.decomposition.ModuleMask;
import dev.touchstone.decomposition.Sampling;
import dev.touchstone.measurement.AttentionAblation.Adversarial;
import dev.touchstone.measurement.AttentionAblation.Outcome;
import dev.touchstone.measurement.AttentionAblation.Pass;
import dev.touchstone.measurement.PredictionChange;
import dev.touchstone.runtime.Lazy;
import dev.touchstone.suite.experiment.spd.LlamaNano.DecomposedModel;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** spd, adversarial mode: the ascent, and what the report shows in its place. */
final class AdversarialChecks implements Experiment {
  private static final long SEED = 50;
  private static final List<Component> ABLATED =
      Component.parseAll("h.0.attn.q_proj:3,h.1.attn.o_proj:0");

  private final LlamaNano nano;
  private final Lazy<Adversarial> adversarial;
  private final Lazy<Outcome> deterministic;

  AdversarialChecks(LlamaNano nano) {
    this.nano = nano;
    this.adversarial =
        new Lazy<>(() -> nano.trained().ablation().adversarial(ABLATED, AscentBudget.REPORT, SEED));
    this.deterministic = new Lazy<>(() -> nano.trained().ablation().deterministic(ABLATED));
  }

  @Override
  public void register(Observables observables) {
    observables
        .add("spd/adversarial/loss-ratio", a -> lossRatio())
        .add("spd/adversarial/constraint", a -> Observation.quantity(constraint()))
        .add("spd/adversarial/sources", a -> sources())
        .add(
            "spd/adversarial/reported/patterns/bits",
            a -> Observation.quantity(differing(AdversarialChecks::patterns)))
        .add(
            "spd/adversarial/reported/predictions/bits",
            a -> Observation.quantity(differing(pass -> List.of(pass.logits().softmax(2)))))
        .add("spd/adversarial/true-patterns/difference", a -> found(truePatterns()))
        .add(
            "spd/adversarial/true-baseline/kl",
            a ->
                found(
                    PredictionChange.between(
                            deterministic.get().baseline().logits(),
                            adversarial.get().adversarial().baseline().logits())
                        .meanKlDivergence()));
  }

  private List<AdversarialMasks> both() {
    return List.of(adversarial.get().baseline(), adversarial.get().ablated());
  }

  /** What the found masks give, and what finding them took and led to. */
  private Observation found(double value) {
    return Observation.quantity(value)
        .under(
            String.format(
                Locale.ROOT,
                "%s (seed %d), which end at losses of %.4f and, ablated, %.4f nats",
                adversarial.get().budget(),
                SEED,
                adversarial.get().baseline().loss(),
                adversarial.get().ablated().loss()));
  }

  private Observation lossRatio() {
    return found(
        both().stream()
            .mapToDouble(masks -> masks.loss() / masks.losses().get(0))
            .min()
            .orElseThrow());
  }

  /** The masks of the found sources against the formula in float64. */
  private double constraint() {
    DecomposedModel subject = nano.trained();
    return Scope.measure(
        () -> {
          Map<String, NDArray> importances =
              subject.model().importances(subject.ids(), subject.keeper());
          Map<String, NDArray> without = subject.ablation().without(importances, ABLATED);
          double worst = 0;
          for (AdversarialMasks found : both()) {
            Map<String, NDArray> own =
                found == adversarial.get().baseline() ? importances : without;
            Map<String, ModuleMask> masks = Sampling.masks(own, found.sources());
            for (String module : own.keySet()) {
              worst =
                  Math.max(
                      worst,
                      Difference.largest(
                          masks.get(module).components(),
                          StochasticChecks.byFormula(
                              own.get(module), found.sources().get(module))));
            }
          }
          return worst;
        });
  }

  private Observation sources() {
    List<Double> ends = new ArrayList<>();
    for (AdversarialMasks found : both()) {
      for (NDArray source : found.sources().values()) {
        ends.add((double) source.min().getFloat());
        ends.add((double) source.max().getFloat());
      }
    }
    return new Observation.Series(
        List.of(
            ends.stream().mapToDouble(x -> x).min().orElseThrow(),
            ends.stream().mapToDouble(x -> x).max().orElseThrow()));
  }

  private static List<NDArray> patterns(Pass pass) {
    return List.copyOf(pass.patterns().values());
  }

  /** Numbers of what adversarial mode reports that are not deterministic mode's bit for bit. */
  private int differing(Function<Pass, List<NDArray>> shown) {
    return Scope.measure(
        () ->
            differing(
                    shown.apply(adversarial.get().reported().baseline()),
                    shown.apply(deterministic.get().baseline()))
                + differing(
                    shown.apply(adversarial.get().reported().ablated()),
                    shown.apply(deterministic.get().ablated())));
  }

  private static int differing(List<NDArray> seen, List<NDArray> expected) {
    int differing = 0;
    for (int i = 0; i < expected.size(); i++) {
      differing += Difference.differingBits(seen.get(i), expected.get(i));
    }
    return differing;
  }

  private double truePatterns() {
    Outcome should = adversarial.get().adversarial();
    return should.ablated().patterns().keySet().stream()
        .mapToDouble(
            layer ->
                Difference.largest(
                    should.ablated().patterns().get(layer),
                    adversarial.get().reported().ablated().patterns().get(layer)))
        .max()
        .orElseThrow();
  }
}
