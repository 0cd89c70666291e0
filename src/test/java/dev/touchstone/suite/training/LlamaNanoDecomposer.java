package dev.touchstone.suite.training;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.tracker.Tracker;
import dev.touchstone.corpus.Tokenizer;
import dev.touchstone.decomposition.ComponentModel;
import dev.touchstone.decomposition.ImportanceNetwork;
import dev.touchstone.decomposition.ImportanceNetwork.Layer;
import dev.touchstone.decomposition.LinearComponents;
import dev.touchstone.decomposition.Sampling;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.LlamaSimpleMlp;
import dev.touchstone.runtime.Sha256;
import dev.touchstone.suite.training.SafetensorsWriter.Precision;
import dev.touchstone.tensor.Divergence;
import dev.touchstone.tensor.SeededArrays;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.SingularValueDecomposition;

/**
 * Decomposes llama-nano's linear maps into parameter components: faithfulness, stochastic
 * reconstruction and importance minimality (docs/protocol.md, "Training a decomposition"), from a
 * start that is already faithful: the singular vectors of an attention projection, the neurons of
 * an MLP.
 *
 * <pre>
 * mvn test-compile exec:java -Dexec.classpathScope=test \
 *   -Dexec.mainClass=dev.touchstone.suite.training.LlamaNanoDecomposer \
 *   -Dexec.args="TRAIN_TEXT VALIDATION_TEXT FOLDER"
 * </pre>
 *
 * Reads {@code model.safetensors} of the folder, leaves {@code decomposition.safetensors} (float32)
 * and {@code decomposition.json} (the record) beside it.
 */
public final class LlamaNanoDecomposer {
  private static final int BATCH = 4;
  private static final int STEPS = 1000;
  private static final int WARM_UP = 50;
  private static final float COMPONENTS_RATE = 5e-4f;
  private static final float NETWORKS_RATE = 2e-3f;
  private static final float CLIP = 1f;
  private static final float FAITHFULNESS = 3e5f;
  private static final float MINIMALITY = 3e-4f;
  private static final float EXPONENT = 1f;
  private static final float EPSILON = 1e-12f;
  private static final int HIDDEN = 64;
  private static final long SEED = 65;
  private static final int LOG_EVERY = 50;
  private static final int VALIDATION_BATCHES = 16;

  private final NDManager manager;
  private final LlamaSimpleMlp target;
  private final ComponentModel model;
  private final SeededArrays random = new SeededArrays(SEED);
  private final NDArray faithfulnessWeight;
  private final double parameters;

  private LlamaNanoDecomposer(NDManager manager, Path folder) {
    this.manager = manager;
    target = LlamaSimpleMlp.load(Checkpoint.open(folder.resolve("model.safetensors")), manager);
    Map<String, LinearComponents> components = new LinkedHashMap<>();
    Map<String, ImportanceNetwork> networks = new LinkedHashMap<>();
    for (String module : target.config().modules()) {
      NDArray weight = target.weights().get(module + ".weight");
      LinearComponents start = start(module, weight);
      components.put(module, start);
      networks.put(module, network((int) weight.getShape().get(1), start.count()));
    }
    model = new ComponentModel(target, components, networks);
    model.tensors().values().forEach(tensor -> tensor.setRequiresGradient(true));
    parameters =
        components.keySet().stream()
            .mapToDouble(module -> target.weights().get(module + ".weight").size())
            .sum();
    faithfulnessWeight = manager.create((float) (FAITHFULNESS / parameters)).duplicate();
  }

  /** Decomposes and exports. */
  public static void main(String[] args) throws IOException {
    if (args.length != 3) {
      System.err.println("usage: LlamaNanoDecomposer TRAIN_TEXT VALIDATION_TEXT FOLDER");
      System.exit(2);
    }
    try (NDManager manager = NDManager.newBaseManager()) {
      new LlamaNanoDecomposer(manager, Path.of(args[2]))
          .train(Path.of(args[0]), Path.of(args[1]), Path.of(args[2]));
    }
  }

  private LinearComponents start(String module, NDArray weight) {
    int out = (int) weight.getShape().get(0);
    int in = (int) weight.getShape().get(1);
    if (module.endsWith("mlp.c_fc")) {
      return new LinearComponents(copy(weight.transpose()), manager.eye(out));
    }
    if (module.endsWith("mlp.down_proj")) {
      return new LinearComponents(manager.eye(in), copy(weight.transpose()));
    }
    float[] flat = weight.toFloatArray();
    RealMatrix matrix = MatrixUtils.createRealMatrix(out, in);
    for (int i = 0; i < flat.length; i++) {
      matrix.setEntry(i / in, i % in, flat[i]);
    }
    SingularValueDecomposition svd = new SingularValueDecomposition(matrix);
    int count = Math.min(in, out);
    float[] v = new float[in * count];
    float[] u = new float[count * out];
    for (int c = 0; c < count; c++) {
      double share = Math.sqrt(svd.getSingularValues()[c]);
      for (int i = 0; i < in; i++) {
        v[i * count + c] = (float) (share * svd.getV().getEntry(i, c));
      }
      for (int o = 0; o < out; o++) {
        u[c * out + o] = (float) (share * svd.getU().getEntry(o, c));
      }
    }
    return new LinearComponents(
        manager.create(v, new Shape(in, count)).duplicate(),
        manager.create(u, new Shape(count, out)).duplicate());
  }

  private static NDArray copy(NDArray array) {
    return array.add(0f);
  }

  /** A shared network that finds everything important at first. */
  private ImportanceNetwork network(int in, int count) {
    NDArray first = random.normal(manager, new Shape(in, HIDDEN), Math.sqrt(2.0 / in));
    NDArray last = random.normal(manager, new Shape(HIDDEN, count), 0.1 / Math.sqrt(HIDDEN));
    return ImportanceNetwork.of(
        List.of(
            new Layer(first, manager.zeros(new Shape(HIDDEN))),
            new Layer(last, manager.ones(new Shape(count)))));
  }

  private void train(Path trainText, Path validationText, Path folder) throws IOException {
    Tokenizer tokenizer = Tokenizer.r50kPrefix(target.config().vocabulary());
    int context = target.config().context();
    TokenWindows text = new TokenWindows(tokenizer.encode(Files.readString(trainText)), context);
    TokenWindows validation =
        new TokenWindows(tokenizer.encode(Files.readString(validationText)), context);
    NDList parts = new NDList();
    NDList networks = new NDList();
    model
        .tensors()
        .forEach((name, tensor) -> (name.startsWith("_ci_fns.") ? networks : parts).add(tensor));
    AdamW componentsOptimizer = new AdamW(manager, parts, 0, CLIP);
    AdamW networksOptimizer = new AdamW(manager, networks, 0, CLIP);
    Tracker componentsRate = rate(COMPONENTS_RATE);
    Tracker networksRate = rate(NETWORKS_RATE);
    List<Map<String, Object>> curve = new ArrayList<>();
    long begin = System.nanoTime();
    double sum = 0;
    for (int step = 1; step <= STEPS; step++) {
      sum += step(text, step);
      componentsOptimizer.step(step, componentsRate.getNewValue(step));
      networksOptimizer.step(step, networksRate.getNewValue(step));
      if (step % LOG_EVERY == 0) {
        double l0 = importances(validation, 1).values().stream().mapToDouble(x -> x).sum();
        double error = faithfulness();
        curve.add(Map.of("step", step, "kl", sum / LOG_EVERY, "faithfulness", error, "l0", l0));
        System.out.printf(
            Locale.ROOT,
            "step %d of %d, KL %.4f nats, faithfulness error %.2e, L0 %.1f, %.0f s%n",
            step,
            STEPS,
            sum / LOG_EVERY,
            error,
            l0,
            (System.nanoTime() - begin) / 1e9);
        sum = 0;
      }
    }
    Path file = folder.resolve("decomposition.safetensors");
    SafetensorsWriter.write(file, model.tensors(), Precision.F32);
    Map<String, Double> l0 = importances(validation, VALIDATION_BATCHES);
    Map<String, Object> modules = new LinkedHashMap<>();
    l0.forEach(
        (module, mean) ->
            modules.put(
                module, Map.of("components", model.components().get(module).count(), "l0", mean)));
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("subject", "llama-nano");
    record.put("trainer", LlamaNanoDecomposer.class.getName());
    record.put("engine", TrainingRecord.engine());
    record.put("seed", SEED);
    record.put("steps", STEPS);
    record.put("batch", List.of(BATCH, context));
    record.put("learning-rates", Map.of("components", COMPONENTS_RATE, "networks", NETWORKS_RATE));
    record.put("warm-up-steps", WARM_UP);
    record.put("gradient-clip", CLIP);
    record.put(
        "loss",
        Map.of(
            "stochastic-reconstruction", 1,
            "faithfulness", FAITHFULNESS,
            "importance-minimality", MINIMALITY,
            "exponent", EXPONENT));
    record.put("faithfulness-error", faithfulness());
    record.put("validation-positions", VALIDATION_BATCHES * BATCH * context);
    record.put("validation-stochastic-kl", reconstruction(validation));
    record.put("mean-l0", l0.values().stream().mapToDouble(x -> x).sum());
    record.put("components", model.components().values().stream().mapToInt(x -> x.count()).sum());
    record.put("modules", modules);
    record.put("seconds", Math.round((System.nanoTime() - begin) / 1e9));
    record.put("training-text-sha256", Sha256.of(trainText));
    record.put("validation-text-sha256", Sha256.of(validationText));
    record.put("model-sha256", Sha256.of(folder.resolve("model.safetensors")));
    record.put("decomposition-sha256", Sha256.of(file));
    record.put("curve", curve);
    TrainingRecord.write(folder.resolve("decomposition.json"), record);
    System.out.println(
        record.get("faithfulness-error")
            + " faithfulness error, KL "
            + record.get("validation-stochastic-kl")
            + ", L0 "
            + record.get("mean-l0")
            + " of "
            + record.get("components"));
  }

  private static Tracker rate(float highest) {
    return new LearningRate(highest, highest * 1e-3f, WARM_UP, STEPS).tracker();
  }

  /** Leaves gradients; returns the divergence of the masked output from the target's in nats. */
  private double step(TokenWindows text, int step) {
    try (NDScope scope = new NDScope();
        NDManager passing = manager.newSubManager()) {
      scope.suppressNotUsedWarning();
      NDArray ids = text.ids(passing, text.drawn(SEED, step, BATCH), 0);
      NDArray wanted = target.logits(ids, Hooks.NONE);
      Map<String, NDArray> inputs = model.inputs(ids, passing);
      double divergence;
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        Map<String, NDArray> raw = new LinkedHashMap<>();
        Map<String, NDArray> importances = new LinkedHashMap<>();
        inputs.forEach(
            (module, input) -> {
              NDArray before =
                  model.networks().get(module).apply(input, model.components().get(module));
              raw.put(module, before);
              // The sigmoid's gradient is carried by hand, so its output is a leaf.
              NDArray after = LeakyHardSigmoid.lower(before.stopGradient());
              after.setRequiresGradient(true);
              importances.put(module, after);
            });
        Map<String, NDArray> sources = Sampling.CONTINUOUS.sources(importances, random, passing);
        NDArray kl =
            Divergence.kl(
                    wanted, model.logits(ids, Sampling.masks(importances, sources), Hooks.NONE))
                .mean();
        collector.backward(kl.add(squaredDelta().mul(faithfulnessWeight)));
        divergence = kl.getFloat();
        collector.backward(carried(raw, importances));
      }
      if (!Double.isFinite(divergence)) {
        throw new IllegalStateException("the divergence of step " + step + " is " + divergence);
      }
      return divergence;
    }
  }

  private NDArray squaredDelta() {
    NDList sums = new NDList();
    model.components().keySet().forEach(m -> sums.add(model.weightDelta(m).square().sum()));
    return NDArrays.stack(sums).sum();
  }

  /** A number whose gradient is that of the losses by the importances before their sigmoids. */
  private NDArray carried(Map<String, NDArray> raw, Map<String, NDArray> importances) {
    NDList sums = new NDList();
    raw.forEach(
        (module, before) -> {
          NDArray x = before.stopGradient();
          long positions = x.getShape().get(0) * x.getShape().get(1);
          NDArray price =
              LeakyHardSigmoid.upper(x)
                  .add(EPSILON)
                  .pow(EXPONENT - 1)
                  .mul(MINIMALITY * EXPONENT / positions);
          NDArray gradient =
              LeakyHardSigmoid.lowerGradient(x, importances.get(module).getGradient())
                  .add(LeakyHardSigmoid.upperGradient(x, price));
          sums.add(before.mul(gradient).sum());
        });
    return NDArrays.stack(sums).sum();
  }

  /** The norm of all weight deltas over that of all weights. */
  private double faithfulness() {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      double weights = 0;
      for (String module : model.components().keySet()) {
        weights += target.weights().get(module + ".weight").square().sum().getFloat();
      }
      return Math.sqrt(squaredDelta().getFloat() / weights);
    }
  }

  /** By module, how many components have an importance above 0, on average over positions. */
  private Map<String, Double> importances(TokenWindows text, int batches) {
    Map<String, Double> sums = new LinkedHashMap<>();
    forBatches(
        text,
        batches,
        (ids, passing) ->
            model
                .importances(ids, passing)
                .forEach(
                    (module, importance) ->
                        sums.merge(
                            module,
                            importance.gt(0f).sum().getLong() / (double) (ids.size() * batches),
                            Double::sum)));
    return sums;
  }

  private double reconstruction(TokenWindows text) {
    double[] sum = new double[1];
    SeededArrays draws = new SeededArrays(SEED + 1);
    forBatches(
        text,
        VALIDATION_BATCHES,
        (ids, passing) -> {
          Map<String, NDArray> importances = model.importances(ids, passing);
          var masks =
              Sampling.masks(importances, Sampling.CONTINUOUS.sources(importances, draws, passing));
          sum[0] +=
              Divergence.kl(target.logits(ids, Hooks.NONE), model.logits(ids, masks, Hooks.NONE))
                      .mean()
                      .getFloat()
                  / VALIDATION_BATCHES;
        });
    return sum[0];
  }

  private interface OnBatch {
    void accept(NDArray ids, NDManager passing);
  }

  private void forBatches(TokenWindows text, int batches, OnBatch each) {
    int seen = 0;
    for (int[] starts : text.inOrder(BATCH)) {
      if (seen++ == batches) {
        return;
      }
      try (NDScope scope = new NDScope();
          NDManager passing = manager.newSubManager()) {
        scope.suppressNotUsedWarning();
        each.accept(text.ids(passing, starts, 0), passing);
      }
    }
  }
}
