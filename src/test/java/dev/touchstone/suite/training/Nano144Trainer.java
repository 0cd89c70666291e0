package dev.touchstone.suite.training;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.training.tracker.Tracker;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.touchstone.corpus.Tokenizer;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Gpt2;
import dev.touchstone.model.Gpt2Config;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.Weights;
import dev.touchstone.runtime.AtomicFile;
import dev.touchstone.runtime.Sha256;
import dev.touchstone.suite.training.SafetensorsWriter.Precision;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Trains nano144, the embedded subject: GPT-2's architecture and tensor names, 12 layers x 12
 * heads, d_model 144, context 128, the first 4096 ranks of r50k. It first learns from a text as it
 * is and then from the same text with each passage said twice ({@link Refrains}), of which only
 * attention can take advantage.
 *
 * <pre>
 * mvn test-compile exec:java -Dexec.classpathScope=test \
 *   -Dexec.mainClass=dev.touchstone.suite.training.Nano144Trainer \
 *   -Dexec.args="TRAIN_TEXT VALIDATION_TEXT OUTPUT_FOLDER"
 * </pre>
 *
 * A killed run goes on from the last of its saved states when it is started again. Leaves {@code
 * model.safetensors} (float16) and {@code training.json} (the record) in the output folder, and
 * those of the first stage in its folder {@code prose}, from which the second one starts.
 */
public final class Nano144Trainer {
  private static final int LAYERS = 12;
  private static final int HEADS = 12;
  private static final int WIDTH = 144;
  private static final int CONTEXT = 128;
  private static final int VOCABULARY = 4096;
  private static final Gpt2Config CONFIG =
      new Gpt2Config(LAYERS, HEADS, WIDTH, 4 * WIDTH, CONTEXT, VOCABULARY);
  private static final int BATCH = 16;
  private static final int WARM_UP = 200;
  private static final float LEARNING_RATE = 1e-3f;
  private static final float FINAL_LEARNING_RATE = 5e-5f;
  private static final float DECAY = 0.1f;
  private static final float CLIP = 1f;

  /** What chance goes by, here and in the text that the model is measured on. */
  static final long SEED = 144;

  private static final int LOG_EVERY = 20;
  private static final int SAVE_EVERY = 200;
  private static final String MODEL = "model.safetensors";
  private static final String RECORD = "training.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What is learnt one after the other, each with a whole schedule of its own. */
  private enum Stage {
    PROSE(4000, text -> text),
    REFRAINS(2400, text -> Refrains.of(text, SEED));

    private final int steps;
    private final UnaryOperator<String> text;

    Stage(int steps, UnaryOperator<String> text) {
      this.steps = steps;
      this.text = text;
    }

    private String read(Path file) throws IOException {
      return text.apply(Files.readString(file));
    }
  }

  private final Stage stage;
  private final Optional<String> startsFrom;
  private final NDManager manager;
  private final Map<String, NDArray> weights;
  private final Gpt2 model;

  private Nano144Trainer(
      Stage stage, NDManager manager, Map<String, NDArray> weights, Optional<String> startsFrom) {
    this.startsFrom = startsFrom;
    this.stage = stage;
    this.manager = manager;
    this.weights = weights;
    model = Gpt2.of(new Weights(CONFIG, weights), manager);
  }

  private static Nano144Trainer ofProse(NDManager manager) {
    return new Nano144Trainer(
        Stage.PROSE,
        manager,
        InitialWeights.draw(manager, Weights.shapes(CONFIG), LAYERS),
        Optional.empty());
  }

  private static Nano144Trainer ofRefrains(NDManager manager, Path prose) {
    Checkpoint checkpoint = Checkpoint.open(prose.resolve(MODEL));
    Map<String, NDArray> weights = new LinkedHashMap<>();
    for (String name : Weights.shapes(CONFIG).keySet()) {
      NDArray weight = checkpoint.load(manager, name);
      weight.setRequiresGradient(true);
      weights.put(name, weight);
    }
    return new Nano144Trainer(Stage.REFRAINS, manager, weights, Optional.of(checkpoint.sha256()));
  }

  /** Trains, or goes on training, and exports. */
  public static void main(String[] args) throws IOException {
    if (args.length != 3) {
      System.err.println("usage: Nano144Trainer TRAIN_TEXT VALIDATION_TEXT OUTPUT_FOLDER");
      System.exit(2);
    }
    Engine.getInstance().setRandomSeed((int) SEED);
    Path trainText = Path.of(args[0]);
    Path validationText = Path.of(args[1]);
    Path folder = Path.of(args[2]);
    Path prose = folder.resolve("prose");
    try (NDManager manager = NDManager.newBaseManager()) {
      if (!Files.exists(prose.resolve(RECORD))) {
        ofProse(manager).train(trainText, validationText, prose);
      }
      ofRefrains(manager, prose).train(trainText, validationText, folder);
    }
  }

  private NDArray logits(NDArray ids) {
    return model.logits(ids, Hooks.NONE);
  }

  private void train(Path trainText, Path validationText, Path folder) throws IOException {
    Tokenizer tokenizer = Tokenizer.r50kPrefix(VOCABULARY);
    TokenWindows text = new TokenWindows(tokenizer.encode(stage.read(trainText)), CONTEXT);
    AdamW optimizer = new AdamW(manager, List.copyOf(weights.values()), DECAY, CLIP);
    Path state = folder.resolve("training-state");
    List<Map<String, Object>> curve = new ArrayList<>();
    Files.createDirectories(folder);
    int done = Files.exists(state) ? restore(state, optimizer, curve) : 0;
    System.out.printf(
        "%s: %d training tokens, vocabulary %d; steps done: %d of %d%n",
        stage, text.tokens().length, VOCABULARY, done, stage.steps);
    Tracker rate =
        new LearningRate(LEARNING_RATE, FINAL_LEARNING_RATE, WARM_UP, stage.steps).tracker();
    LanguageLoss loss = new LanguageLoss(manager, this::logits);
    long start = System.nanoTime();
    double sum = 0;
    int first = done;
    for (int step = done + 1; step <= stage.steps; step++) {
      sum += loss.backward(text, text.drawn(SEED, step, BATCH), step);
      optimizer.step(step, rate.getNewValue(step));
      if (step % LOG_EVERY == 0) {
        double recent = sum / LOG_EVERY;
        sum = 0;
        curve.add(Map.of("step", step, "tokens", (long) step * BATCH * CONTEXT, "loss", recent));
        double perStep = (System.nanoTime() - start) / 1e9 / (step - first);
        System.out.printf(
            Locale.ROOT,
            "step %d of %d, loss %.4f nats, %.0f tokens/s, %d min left%n",
            step,
            stage.steps,
            recent,
            BATCH * CONTEXT / perStep,
            Duration.ofSeconds((long) (perStep * (stage.steps - step))).toMinutes());
      }
      if (step % SAVE_EVERY == 0) {
        save(state, optimizer, step, curve);
      }
    }
    export(folder, trainText, validationText, tokenizer, text.tokens().length, curve);
  }

  private void save(Path file, AdamW optimizer, int step, List<Map<String, Object>> curve)
      throws IOException {
    AtomicFile.write(
        file,
        aside ->
            save(aside, optimizer, JSON.writeValueAsBytes(Map.of("step", step, "curve", curve))));
  }

  private static void save(Path aside, AdamW optimizer, byte[] record) throws IOException {
    try (OutputStream out = Files.newOutputStream(aside);
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      out.write(ByteBuffer.allocate(4).putInt(record.length).array());
      out.write(record);
      optimizer.state().encode(out);
    }
  }

  @SuppressWarnings("unchecked")
  private int restore(Path file, AdamW optimizer, List<Map<String, Object>> curve)
      throws IOException {
    try (InputStream in = Files.newInputStream(file);
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      int length = ByteBuffer.wrap(in.readNBytes(4)).getInt();
      Map<String, Object> record = JSON.readValue(in.readNBytes(length), Map.class);
      optimizer.restore(NDList.decode(manager, in));
      curve.addAll((List<Map<String, Object>>) record.get("curve"));
      return (Integer) record.get("step");
    }
  }

  private void export(
      Path folder,
      Path trainText,
      Path validationText,
      Tokenizer tokenizer,
      int trainTokens,
      List<Map<String, Object>> curve)
      throws IOException {
    SafetensorsWriter.write(folder.resolve(MODEL), weights, Precision.F16);
    TrainingRecord.write(folder.resolve("config.json"), config());
    int[] validation = tokenizer.encode(stage.read(validationText));
    double loss =
        new LanguageLoss(manager, this::logits).over(new TokenWindows(validation, CONTEXT), BATCH);
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("subject", "nano144");
    record.put("stage", stage.toString().toLowerCase(Locale.ROOT));
    startsFrom.ifPresent(sha256 -> record.put("starts-from-sha256", sha256));
    record.put("trainer", Nano144Trainer.class.getName());
    record.put("engine", TrainingRecord.engine());
    record.put("seed", SEED);
    record.put("steps", stage.steps);
    record.put("batch", List.of(BATCH, CONTEXT));
    record.put("tokens", (long) stage.steps * BATCH * CONTEXT);
    record.put("learning-rate", List.of(LEARNING_RATE, FINAL_LEARNING_RATE));
    record.put("warm-up-steps", WARM_UP);
    record.put("weight-decay", DECAY);
    record.put("gradient-clip", CLIP);
    record.put("training-text-sha256", Sha256.of(trainText));
    record.put("training-text-tokens", trainTokens);
    record.put("validation-text-sha256", Sha256.of(validationText));
    record.put("validation-tokens", validation.length);
    record.put("validation-loss", loss);
    record.put("validation-perplexity", Math.exp(loss));
    record.put("model-sha256", Sha256.of(folder.resolve(MODEL)));
    record.put("curve", curve);
    TrainingRecord.write(folder.resolve(RECORD), record);
    System.out.printf(
        Locale.ROOT, "validation loss %.4f nats, perplexity %.2f%n", loss, Math.exp(loss));
  }

  /** Hugging Face's description, which tells any reader of the checkpoint its number of heads. */
  private static Map<String, Object> config() {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("architectures", List.of("GPT2LMHeadModel"));
    config.put("model_type", "gpt2");
    config.put("activation_function", "gelu_new");
    config.put("layer_norm_epsilon", 1e-5);
    config.put("n_layer", LAYERS);
    config.put("n_head", HEADS);
    config.put("n_embd", WIDTH);
    config.put("n_positions", CONTEXT);
    config.put("vocab_size", VOCABULARY);
    config.put("tie_word_embeddings", true);
    return config;
  }
}
