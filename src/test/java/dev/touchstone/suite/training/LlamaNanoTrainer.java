package dev.touchstone.suite.training;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.tracker.Tracker;
import dev.touchstone.corpus.Tokenizer;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.LlamaSimpleMlp;
import dev.touchstone.model.LlamaSimpleMlpConfig;
import dev.touchstone.runtime.Sha256;
import dev.touchstone.suite.training.SafetensorsWriter.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Trains llama-nano, the embedded LlamaSimpleMLP: 2 layers, 4 query heads over 2 key and value
 * heads, d_model 64, context 128, the first 1024 ranks of r50k.
 *
 * <pre>
 * mvn test-compile exec:java -Dexec.classpathScope=test \
 *   -Dexec.mainClass=dev.touchstone.suite.training.LlamaNanoTrainer \
 *   -Dexec.args="TRAIN_TEXT VALIDATION_TEXT OUTPUT_FOLDER"
 * </pre>
 *
 * Leaves {@code model.safetensors} (float16), {@code config.json} and {@code training.json} (the
 * record) in the output folder.
 */
public final class LlamaNanoTrainer {
  static final LlamaSimpleMlpConfig CONFIG =
      new LlamaSimpleMlpConfig(2, 4, 2, 64, 256, 128, 1024, 10_000, 1e-6f);

  private static final int BATCH = 16;
  private static final int STEPS = 2500;
  private static final int WARM_UP = 100;
  private static final float LEARNING_RATE = 3e-3f;
  private static final float FINAL_LEARNING_RATE = 1e-4f;
  private static final float DECAY = 0.1f;
  private static final float CLIP = 1f;
  private static final long SEED = 64;
  private static final int LOG_EVERY = 50;

  private final NDManager manager;
  private final Map<String, NDArray> weights;
  private final LlamaSimpleMlp model;

  private LlamaNanoTrainer(NDManager manager) {
    this.manager = manager;
    weights = InitialWeights.draw(manager, CONFIG.shapes(), CONFIG.layers());
    model = LlamaSimpleMlp.of(CONFIG, weights, manager);
  }

  /** Trains and exports. */
  public static void main(String[] args) throws IOException {
    if (args.length != 3) {
      System.err.println("usage: LlamaNanoTrainer TRAIN_TEXT VALIDATION_TEXT OUTPUT_FOLDER");
      System.exit(2);
    }
    Engine.getInstance().setRandomSeed((int) SEED);
    try (NDManager manager = NDManager.newBaseManager()) {
      new LlamaNanoTrainer(manager).train(Path.of(args[0]), Path.of(args[1]), Path.of(args[2]));
    }
  }

  private void train(Path trainText, Path validationText, Path folder) throws IOException {
    Tokenizer tokenizer = Tokenizer.r50kPrefix(CONFIG.vocabulary());
    TokenWindows text =
        new TokenWindows(tokenizer.encode(Files.readString(trainText)), CONFIG.context());
    TokenWindows validation =
        new TokenWindows(tokenizer.encode(Files.readString(validationText)), CONFIG.context());
    AdamW optimizer = new AdamW(manager, List.copyOf(weights.values()), DECAY, CLIP);
    Tracker rate = new LearningRate(LEARNING_RATE, FINAL_LEARNING_RATE, WARM_UP, STEPS).tracker();
    LanguageLoss loss = new LanguageLoss(manager, this::logits);
    List<Map<String, Object>> curve = new ArrayList<>();
    long start = System.nanoTime();
    double sum = 0;
    for (int step = 1; step <= STEPS; step++) {
      sum += loss.backward(text, text.drawn(SEED, step, BATCH), step);
      optimizer.step(step, rate.getNewValue(step));
      if (step % LOG_EVERY == 0) {
        curve.add(Map.of("step", step, "loss", sum / LOG_EVERY));
        System.out.printf(
            Locale.ROOT,
            "step %d of %d, loss %.4f nats, %.0f s%n",
            step,
            STEPS,
            sum / LOG_EVERY,
            (System.nanoTime() - start) / 1e9);
        sum = 0;
      }
    }
    SafetensorsWriter.write(folder.resolve("model.safetensors"), weights, Precision.F16);
    TrainingRecord.write(folder.resolve("config.json"), description());
    double reached = loss.over(validation, BATCH);
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("subject", "llama-nano");
    record.put("trainer", LlamaNanoTrainer.class.getName());
    record.put("engine", TrainingRecord.engine());
    record.put("seed", SEED);
    record.put("steps", STEPS);
    record.put("batch", List.of(BATCH, CONFIG.context()));
    record.put("tokens", (long) STEPS * BATCH * CONFIG.context());
    record.put("learning-rate", List.of(LEARNING_RATE, FINAL_LEARNING_RATE));
    record.put("warm-up-steps", WARM_UP);
    record.put("weight-decay", DECAY);
    record.put("gradient-clip", CLIP);
    record.put("training-text-sha256", Sha256.of(trainText));
    record.put("training-text-tokens", text.tokens().length);
    record.put("validation-text-sha256", Sha256.of(validationText));
    record.put("validation-tokens", validation.tokens().length);
    record.put("validation-loss", reached);
    record.put("validation-perplexity", Math.exp(reached));
    record.put("seconds", Math.round((System.nanoTime() - start) / 1e9));
    record.put("model-sha256", Sha256.of(folder.resolve("model.safetensors")));
    record.put("curve", curve);
    TrainingRecord.write(folder.resolve("training.json"), record);
    System.out.printf(
        Locale.ROOT, "validation loss %.4f nats, perplexity %.2f%n", reached, Math.exp(reached));
  }

  private NDArray logits(NDArray ids) {
    return model.logits(ids, Hooks.NONE);
  }

  /** The original's description. */
  private static Map<String, Object> description() {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("model_type", "LlamaSimpleMLP");
    config.put("block_size", CONFIG.context());
    config.put("vocab_size", CONFIG.vocabulary());
    config.put("n_layer", CONFIG.layers());
    config.put("n_head", CONFIG.heads());
    config.put("n_embd", CONFIG.width());
    config.put("n_intermediate", CONFIG.mlpWidth());
    config.put("rotary_adjacent_pairs", false);
    config.put("rotary_dim", CONFIG.headWidth());
    config.put("rotary_base", 10000);
    config.put("n_ctx", CONFIG.context());
    config.put("n_key_value_heads", CONFIG.keyValueHeads());
    config.put("use_grouped_query_attention", true);
    config.put("rms_norm_eps", 1e-6);
    return config;
  }
}
