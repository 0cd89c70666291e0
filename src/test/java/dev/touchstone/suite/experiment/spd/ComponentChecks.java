package dev.touchstone.suite.experiment.spd;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.decomposition.ComponentModel;
import dev.touchstone.decomposition.LinearComponents;
import dev.touchstone.decomposition.ModuleMask;
import dev.touchstone.measurement.AttentionAblation;
import dev.touchstone.measurement.Capture;
import dev.touchstone.measurement.PredictionChange;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.LlamaSimpleMlp;
import dev.touchstone.model.Site;
import dev.touchstone.suite.experiment.spd.LlamaNano.DecomposedModel;
import dev.touchstone.suite.observation.Experiment;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.suite.observation.Observation;
import dev.touchstone.tensor.Scope;
import dev.touchstone.tensor.SeededArrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** spd, deterministic mode: components under masks, and the baseline of ones. */
final class ComponentChecks implements Experiment {
  private static final long SEED = 17;

  /** Of U's norm, how much noise makes a decomposition that is not faithful. */
  private static final double UNFAITHFUL = 0.05;

  /** Of the weights' norm, how much the deltas of a faithful decomposition have at most. */
  private static final double FAITHFUL = 1e-3;

  private final LlamaNano nano;

  ComponentChecks(LlamaNano nano) {
    this.nano = nano;
  }

  @Override
  public void register(Observables observables) {
    observables
        .add("spd/components/sum", a -> worst(ComponentChecks::sum))
        .add("spd/components/one-removed", a -> worst(ComponentChecks::oneRemoved))
        .add("spd/components/own-weights", a -> worst(ComponentChecks::ownWeights))
        .add("spd/components/patterns/from-masked", a -> worst(ComponentChecks::maskedPatterns))
        .add("spd/components/patterns/value-output", a -> worst(ComponentChecks::valueOutput))
        .add("spd/baseline/faithful/logits", a -> worst(ComponentChecks::faithful))
        .add("spd/baseline/unfaithful/kl", a -> Observation.quantity(unfaithful()))
        .add("spd/baseline/kl", a -> Observation.quantity(faithfulBaseline(nano.trained())));
  }

  private Observation worst(ToDoubleFunction<DecomposedModel> error) {
    return Observation.quantity(nano.worst(s -> Scope.measure(() -> error.applyAsDouble(s))));
  }

  private interface OfModule {
    double error(LinearComponents doubled, NDArray input, double[] v, double[] u);
  }

  /** The worst error over the modules, each on what it reads, in float64. */
  private static double overModules(DecomposedModel subject, OfModule check) {
    Map<String, NDArray> inputs = subject.model().inputs(subject.ids(), subject.keeper());
    double worst = 0;
    for (var entry : subject.model().components().entrySet()) {
      LinearComponents doubled =
          new LinearComponents(doubled(entry.getValue().v()), doubled(entry.getValue().u()));
      NDArray input = doubled(inputs.get(entry.getKey()).get(":, 0:8"));
      double error =
          check.error(
              doubled, input, LlamaNano.numbers(doubled.v()), LlamaNano.numbers(doubled.u()));
      worst = Math.max(worst, error);
    }
    return worst;
  }

  private static NDArray doubled(NDArray array) {
    return array.toType(DataType.FLOAT64, true);
  }

  private static double sum(DecomposedModel subject) {
    return overModules(
        subject,
        (parts, input, v, u) -> {
          NDArray ones = input.getManager().ones(new Shape(1, parts.count()), DataType.FLOAT64);
          double[] expected = new double[0];
          for (int c = 0; c < parts.count(); c++) {
            double[] term = contribution(parts, input, v, u, c);
            expected = c == 0 ? term : added(expected, term);
          }
          return Difference.relative(parts.apply(input, ones), expected);
        });
  }

  private static double oneRemoved(DecomposedModel subject) {
    return overModules(
        subject,
        (parts, input, v, u) -> {
          double worst = 0;
          for (int c = 0; c < parts.count(); c += 7) {
            NDArray ones = input.getManager().ones(new Shape(1, parts.count()), DataType.FLOAT64);
            NDArray mask = ones.duplicate();
            mask.set(new NDIndex(0, c), 0);
            NDArray gone = parts.apply(input, ones).sub(parts.apply(input, mask));
            worst = Math.max(worst, Difference.relative(gone, contribution(parts, input, v, u, c)));
          }
          return worst;
        });
  }

  /** U_c (V_c^T x) at every position, number by number. */
  private static double[] contribution(
      LinearComponents parts, NDArray input, double[] v, double[] u, int component) {
    int count = parts.count();
    int in = v.length / count;
    int out = u.length / count;
    double[] x = LlamaNano.numbers(input);
    double[] result = new double[x.length / in * out];
    for (int position = 0; position < x.length / in; position++) {
      double activation = 0;
      for (int i = 0; i < in; i++) {
        activation += x[position * in + i] * v[i * count + component];
      }
      for (int o = 0; o < out; o++) {
        result[position * out + o] = activation * u[component * out + o];
      }
    }
    return result;
  }

  private static double[] added(double[] one, double[] other) {
    for (int i = 0; i < one.length; i++) {
      one[i] += other[i];
    }
    return one;
  }

  private static double ownWeights(DecomposedModel subject) {
    SeededArrays draw = new SeededArrays(SEED);
    Map<String, NDArray> weights = new LinkedHashMap<>(subject.model().target().weights());
    for (String module : subject.model().components().keySet()) {
      weights.computeIfPresent(
          module + ".weight", (name, w) -> draw.normal(subject.keeper(), w.getShape(), 1));
    }
    try (LlamaSimpleMlp redrawn = LlamaSimpleMlp.of(subject.config(), weights, subject.keeper())) {
      ComponentModel other =
          new ComponentModel(redrawn, subject.model().components(), subject.model().networks());
      return Difference.largest(ones(other, subject), ones(subject.model(), subject));
    }
  }

  private static NDArray ones(ComponentModel model, DecomposedModel subject) {
    return model.logits(subject.ids(), model.ones(subject.keeper()), Hooks.NONE);
  }

  private static double maskedPatterns(DecomposedModel subject) {
    SeededArrays draw = new SeededArrays(SEED);
    Map<String, NDArray> masks = new LinkedHashMap<>();
    Map<String, ModuleMask> given = new LinkedHashMap<>();
    subject
        .model()
        .components()
        .forEach(
            (module, parts) -> {
              NDArray mask =
                  draw.uniform(subject.keeper(), new Shape(1, LlamaNano.LENGTH, parts.count()));
              masks.put(module, mask);
              given.put(module, ModuleMask.of(mask));
            });
    Capture capture = new Capture(subject.keeper(), Site.ATTENTION_INPUT, Site.PATTERN);
    subject.model().logits(subject.ids(), given, capture.hooks());
    double worst = 0;
    for (int layer = 0; layer < subject.config().layers(); layer++) {
      NDArray input = doubled(capture.at(Site.ATTENTION_INPUT, layer));
      Map<String, double[]> projected = new LinkedHashMap<>();
      for (String kind : new String[] {"q_proj", "k_proj", "v_proj"}) {
        String module = "h." + layer + ".attn." + kind;
        LinearComponents parts = subject.model().components().get(module);
        projected.put(
            kind,
            LlamaNano.numbers(
                input
                    .matMul(doubled(parts.v()))
                    .mul(doubled(masks.get(module)))
                    .matMul(doubled(parts.u()))));
      }
      AttentionByHand hand =
          AttentionByHand.of(
              subject.config(),
              projected.get("q_proj"),
              projected.get("k_proj"),
              projected.get("v_proj"));
      worst = Math.max(worst, Difference.largest(capture.at(Site.PATTERN, layer), hand.patterns()));
    }
    return worst;
  }

  /** The last layer's patterns with its value and output components off; every layer's is worse. */
  private static double valueOutput(DecomposedModel subject) {
    AttentionAblation ablation = subject.ablation();
    AttentionAblation.Pass whole = ablation.masked(subject.model().ones(subject.keeper()));
    double worst = 0;
    for (int layer = 0; layer < subject.config().layers(); layer++) {
      Map<String, ModuleMask> masks = new LinkedHashMap<>(subject.model().ones(subject.keeper()));
      for (String kind : new String[] {"v_proj", "o_proj"}) {
        masks.computeIfPresent(
            "h." + layer + ".attn." + kind,
            (module, mask) -> ModuleMask.of(mask.components().mul(0f)));
      }
      worst =
          Math.max(
              worst,
              Difference.largest(
                  ablation.masked(masks).patterns().get(layer), whole.patterns().get(layer)));
    }
    return worst;
  }

  /** Components that sum to the weights exactly: a component for each output. */
  private static double faithful(DecomposedModel subject) {
    Map<String, LinearComponents> components = new LinkedHashMap<>();
    for (String module : subject.config().modules()) {
      NDArray weight = subject.model().target().weights().get(module + ".weight");
      components.put(
          module,
          new LinearComponents(
              weight.transpose(), subject.keeper().eye((int) weight.getShape().get(0))));
    }
    ComponentModel model = new ComponentModel(subject.model().target(), components, Map.of());
    return Difference.largest(
        ones(model, subject), subject.model().target().logits(subject.ids(), Hooks.NONE));
  }

  private double unfaithful() {
    DecomposedModel subject = nano.trained();
    return Scope.measure(
        () -> {
          SeededArrays draw = new SeededArrays(SEED);
          Map<String, LinearComponents> components = new LinkedHashMap<>();
          subject
              .model()
              .components()
              .forEach(
                  (module, parts) -> {
                    double size = Math.sqrt(parts.u().square().mean().getFloat()) * UNFAITHFUL;
                    NDArray noise = draw.normal(subject.keeper(), parts.u().getShape(), size);
                    components.put(module, new LinearComponents(parts.v(), parts.u().add(noise)));
                  });
          ComponentModel model = new ComponentModel(subject.model().target(), components, Map.of());
          return baseline(
              new DecomposedModel(model, subject.ids(), subject.others(), subject.keeper()));
        });
  }

  /** Infinite unless the weights are missed by less than a thousandth of their norm. */
  private static double faithfulBaseline(DecomposedModel subject) {
    return weightsError(subject.model()) < FAITHFUL ? baseline(subject) : Double.POSITIVE_INFINITY;
  }

  /** KL(original || all ones), averaged over positions. */
  private static double baseline(DecomposedModel subject) {
    return Scope.measure(
        () ->
            PredictionChange.between(
                    subject.model().target().logits(subject.ids(), Hooks.NONE),
                    ones(subject.model(), subject))
                .meanKlDivergence());
  }

  /** The norm of all weight deltas over that of the weights. */
  private static double weightsError(ComponentModel model) {
    return Scope.measure(
        () -> {
          double deltas = 0;
          double weights = 0;
          for (String module : model.components().keySet()) {
            deltas += model.weightDelta(module).square().sum().getFloat();
            weights += model.target().weights().get(module + ".weight").square().sum().getFloat();
          }
          return Math.sqrt(deltas / weights);
        });
  }
}
