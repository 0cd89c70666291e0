package dev.touchstone.suite.experiment.spd;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.decomposition.Component;
import dev.touchstone.decomposition.ModuleMask;
import dev.touchstone.decomposition.Sampling;
import dev.touchstone.measurement.AttentionAblation;
import dev.touchstone.measurement.AttentionAblation.Outcome;
import dev.touchstone.measurement.AttentionAblation.Pass;
import dev.touchstone.measurement.PredictionChange;
import dev.touchstone.runtime.Lazy;
import dev.touchstone.suite.experiment.spd.LlamaNano.DecomposedModel;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.tensor.Scope;
import dev.touchstone.tensor.SeededArrays;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.math3.distribution.UniformRealDistribution;
import org.apache.commons.math3.stat.inference.KolmogorovSmirnovTest;

/** spd, stochastic mode: the masks' law, and what is averaged. */
final class StochasticChecks implements Experiment {
  private static final int DRAWS = 10_000;
  private static final long SEED = 10;
  private static final List<Component> ABLATED =
      Component.parseAll("h.0.attn.q_proj:3,h.1.mlp.c_fc:7");

  private final LlamaNano nano;
  private final Lazy<Outcome> outcome;

  StochasticChecks(LlamaNano nano) {
    this.nano = nano;
    this.outcome =
        new Lazy<>(
            () ->
                nano.trained()
                    .ablation()
                    .stochastic(
                        ABLATED, Sampling.CONTINUOUS, AttentionAblation.MASK_SAMPLES, SEED));
  }

  @Override
  public void register(Observables observables) {
    observables
        .add("spd/stochastic/formula", a -> Observation.quantity(nano.worst(this::formula)))
        .add("spd/stochastic/importance-1", a -> farthest(1, 1))
        .add("spd/stochastic/importance-0", a -> ends(0))
        .add("spd/stochastic/importance-0/ks", a -> Observation.quantity(kolmogorovSmirnov(0)))
        .add("spd/stochastic/importance-half", a -> ends(0.5f))
        .add(
            "spd/stochastic/importance-half/ks", a -> Observation.quantity(kolmogorovSmirnov(0.5f)))
        .add(
            "spd/stochastic/ablated-mask", a -> Observation.quantity(nano.worst(this::ablatedMask)))
        .add("spd/stochastic/samples", a -> samples())
        .add("spd/stochastic/mean/logits", a -> Observation.quantity(means(true)))
        .add("spd/stochastic/mean/patterns", a -> Observation.quantity(means(false)))
        .add(
            "spd/stochastic/baseline-over-ones/kl",
            a ->
                Observation.quantity(
                    kl(
                        nano.trained()
                            .ablation()
                            .masked(nano.trained().model().ones(nano.trained().keeper())),
                        outcome.get().baseline())))
        .add(
            "spd/stochastic/baseline-over-original/kl",
            a ->
                Observation.quantity(
                    kl(nano.trained().ablation().original(), outcome.get().baseline())));
  }

  private static double kl(Pass reference, Pass other) {
    return PredictionChange.between(reference.logits(), other.logits()).meanKlDivergence();
  }

  /** Masks against CI + (1 - CI) r in float64. */
  private double formula(DecomposedModel subject) {
    return Scope.measure(
        () -> {
          Map<String, NDArray> importances =
              subject.model().importances(subject.ids(), subject.keeper());
          double worst = 0;
          for (Sampling sampling : Sampling.values()) {
            Map<String, NDArray> sources =
                sampling.sources(importances, new SeededArrays(SEED), subject.keeper());
            Map<String, ModuleMask> masks = Sampling.masks(importances, sources);
            for (String module : importances.keySet()) {
              worst =
                  Math.max(
                      worst,
                      Difference.largest(
                          masks.get(module).components(),
                          byFormula(importances.get(module), sources.get(module))));
            }
          }
          return worst;
        });
  }

  static double[] byFormula(NDArray importance, NDArray source) {
    double[] ci = LlamaNano.numbers(importance);
    double[] r = LlamaNano.numbers(source);
    double[] masks = new double[ci.length];
    for (int i = 0; i < ci.length; i++) {
      masks[i] = ci[i] + (1 - ci[i]) * r[i];
    }
    return masks;
  }

  /** Masks drawn where every importance is the same. */
  private double[] drawn(float importance) {
    return Scope.measure(
        () -> {
          var keeper = nano.trained().keeper();
          NDArray importances = keeper.zeros(new Shape(1, 1, DRAWS)).add(importance);
          Map<String, NDArray> given = Map.of("m", importances);
          Map<String, NDArray> sources =
              Sampling.CONTINUOUS.sources(given, new SeededArrays(SEED), keeper);
          return LlamaNano.numbers(Sampling.masks(given, sources).get("m").components());
        });
  }

  private Observation ends(float importance) {
    double[] masks = drawn(importance);
    return new Observation.Series(
        List.of(
            Arrays.stream(masks).min().orElseThrow(), Arrays.stream(masks).max().orElseThrow()));
  }

  /** The mask that is farthest from what all should be. */
  private Observation farthest(float importance, double wanted) {
    double found = wanted;
    for (double mask : drawn(importance)) {
      found = Math.abs(mask - wanted) > Math.abs(found - wanted) ? mask : found;
    }
    return Observation.quantity(found);
  }

  /** The distance of the masks' distribution from the uniform one between CI and 1. */
  private double kolmogorovSmirnov(float importance) {
    return new KolmogorovSmirnovTest()
        .kolmogorovSmirnovStatistic(new UniformRealDistribution(importance, 1), drawn(importance));
  }

  /** The ablated components' masks against the draws themselves. */
  private double ablatedMask(DecomposedModel subject) {
    return Scope.measure(
        () -> {
          AttentionAblation ablation = subject.ablation();
          Map<String, NDArray> importances =
              ablation.without(
                  subject.model().importances(subject.ids(), subject.keeper()), ABLATED);
          Map<String, NDArray> sources =
              Sampling.CONTINUOUS.sources(importances, new SeededArrays(SEED), subject.keeper());
          Map<String, ModuleMask> masks = Sampling.masks(importances, sources);
          return ABLATED.stream()
              .mapToDouble(
                  component -> {
                    String own = ":, :, " + component.index();
                    return Difference.largest(
                        masks.get(component.module()).components().get(own),
                        sources.get(component.module()).get(own));
                  })
              .max()
              .orElseThrow();
        });
  }

  private Observation samples() {
    return new Observation.Quantity(
        outcome.get().baseline().samples() == outcome.get().ablated().samples()
            ? outcome.get().baseline().samples()
            : Double.NaN,
        Optional.empty());
  }

  /** The means of both passes against passes made one by one with the same draws. */
  private double means(boolean logits) {
    DecomposedModel subject = nano.trained();
    AttentionAblation ablation = subject.ablation();
    return Scope.measure(
        () -> {
          Map<String, NDArray> importances =
              subject.model().importances(subject.ids(), subject.keeper());
          SeededArrays random = new SeededArrays(SEED);
          Map<String, NDArray> without = ablation.without(importances, ABLATED);
          List<Pass> baseline = new ArrayList<>();
          List<Pass> ablated = new ArrayList<>();
          for (int i = 0; i < AttentionAblation.MASK_SAMPLES; i++) {
            baseline.add(drawn(subject, importances, random));
            ablated.add(drawn(subject, without, random));
          }
          return Math.max(
              error(logits, outcome.get().baseline(), baseline),
              error(logits, outcome.get().ablated(), ablated));
        });
  }

  private static Pass drawn(
      DecomposedModel subject, Map<String, NDArray> importances, SeededArrays random) {
    return subject
        .ablation()
        .masked(
            Sampling.masks(
                importances, Sampling.CONTINUOUS.sources(importances, random, subject.keeper())));
  }

  private static double error(boolean logits, Pass mean, List<Pass> passes) {
    return logits ? logits(mean, passes) : patterns(mean, passes);
  }

  private static double logits(Pass mean, List<Pass> passes) {
    return Difference.largest(mean.logits(), mean(passes.stream().map(Pass::logits).toList()));
  }

  private static double patterns(Pass mean, List<Pass> passes) {
    return mean.patterns().keySet().stream()
        .mapToDouble(
            layer ->
                Difference.largest(
                    mean.patterns().get(layer),
                    mean(passes.stream().map(pass -> pass.patterns().get(layer)).toList())))
        .max()
        .orElseThrow();
  }

  /** Sum over number, in float64. */
  static double[] mean(List<NDArray> arrays) {
    double[] sum = new double[(int) arrays.get(0).size()];
    for (NDArray array : arrays) {
      double[] numbers = LlamaNano.numbers(array);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += numbers[i] / arrays.size();
      }
    }
    return sum;
  }
}
