package dev.touchstone.suite.experiment.spd;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.corpus.Corpus;
import dev.touchstone.corpus.Tokenizer;
import dev.touchstone.decomposition.ComponentModel;
import dev.touchstone.decomposition.ImportanceNetwork;
import dev.touchstone.decomposition.ImportanceNetwork.Layer;
import dev.touchstone.decomposition.LinearComponents;
import dev.touchstone.measurement.AttentionAblation;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.LlamaSimpleMlp;
import dev.touchstone.model.LlamaSimpleMlpConfig;
import dev.touchstone.runtime.Lazy;
import dev.touchstone.suite.observation.Observables;
import dev.touchstone.tensor.Compute;
import dev.touchstone.tensor.SeededArrays;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * llama-nano with its decomposition and text, and a random model beside it, on which an identity
 * must hold as well: there nothing is small, sparse or zero by training.
 */
public final class LlamaNano {
  /** Tokens in a sequence that claims are judged on. */
  static final int LENGTH = 64;

  private static final LlamaSimpleMlpConfig RANDOM_CONFIG =
      new LlamaSimpleMlpConfig(2, 4, 2, 32, 48, LENGTH, 50, 10_000, 1e-6f);
  private static final int RANDOM_COMPONENTS = 40;
  private static final long SEED = 8;

  private final Path golden;
  private final Compute compute;
  private final Lazy<Corpus> text = new Lazy<>(this::readText);
  private final Lazy<DecomposedModel> trained = new Lazy<>(this::openTrained);
  private final Lazy<DecomposedModel> random = new Lazy<>(this::drawRandom);

  /**
   * A decomposed model with text.
   *
   * @param ids token ids [1, position]
   * @param others more sequences, [3, position]
   * @param keeper where what is computed from them may live
   */
  record DecomposedModel(ComponentModel model, NDArray ids, NDArray others, NDManager keeper) {
    /** Ablation over the first sequence. */
    AttentionAblation ablation() {
      return new AttentionAblation(model, ids, keeper);
    }

    LlamaSimpleMlpConfig config() {
      return model.target().config();
    }
  }

  /**
   * Looks for no file before it is asked for something.
   *
   * @param golden the repository's {@code golden} folder
   */
  public LlamaNano(Path golden, Compute compute) {
    this.golden = golden;
    this.compute = compute;
  }

  /** The hash of the model's weights. */
  public String sha256() {
    return checkpoint().sha256();
  }

  /** The text, once it was read. */
  public Optional<Corpus> text() {
    return text.ready();
  }

  /** What can be observed of it. */
  public Observables observables() {
    return Observables.of(
        List.of(
            new HeadAblationChecks(this),
            new ComponentChecks(this),
            new StochasticChecks(this),
            new AdversarialChecks(this),
            new AblationMetricChecks(this)));
  }

  Path golden() {
    return golden;
  }

  private Path folder() {
    return golden.resolve("subjects/llama-nano");
  }

  private Checkpoint checkpoint() {
    return Checkpoint.open(folder().resolve("model.safetensors"));
  }

  DecomposedModel trained() {
    return trained.get();
  }

  /** The largest error on the trained and on the random model. */
  double worst(ToDoubleFunction<DecomposedModel> error) {
    return List.of(trained.get(), random.get()).stream().mapToDouble(error).max().orElseThrow();
  }

  private DecomposedModel openTrained() {
    NDManager manager = compute.newManager();
    LlamaSimpleMlp target = LlamaSimpleMlp.load(checkpoint(), manager);
    ComponentModel model =
        ComponentModel.load(
            Checkpoint.open(folder().resolve("decomposition.safetensors")), target, manager);
    int[] tokens = text.get().firstTokens(4 * LENGTH).tokens();
    NDArray ids =
        manager
            .create(Arrays.stream(tokens).asLongStream().toArray(), new Shape(4, LENGTH))
            .duplicate();
    return new DecomposedModel(
        model, ids.get("0:1").duplicate(), ids.get("1:").duplicate(), manager);
  }

  private Corpus readText() {
    try {
      return Corpus.of(
          "embedded",
          Files.readString(golden.resolve("corpus/embedded.txt")),
          Tokenizer.r50kPrefix(LlamaSimpleMlpConfig.of(checkpoint()).vocabulary()));
    } catch (IOException e) {
      throw new UncheckedIOException("the repository's corpus cannot be read", e);
    }
  }

  private DecomposedModel drawRandom() {
    NDManager manager = compute.newManager();
    SeededArrays draw = new SeededArrays(SEED);
    LlamaSimpleMlp target =
        LlamaSimpleMlp.of(RANDOM_CONFIG, weights(RANDOM_CONFIG, draw, manager), manager);
    Map<String, LinearComponents> components = new LinkedHashMap<>();
    Map<String, ImportanceNetwork> networks = new LinkedHashMap<>();
    List<String> modules = RANDOM_CONFIG.modules();
    for (int i = 0; i < modules.size(); i++) {
      Shape weight = target.weights().get(modules.get(i) + ".weight").getShape();
      long in = weight.get(1);
      components.put(
          modules.get(i),
          new LinearComponents(
              draw.normal(manager, new Shape(in, RANDOM_COMPONENTS), 1 / Math.sqrt(in)),
              draw.normal(
                  manager,
                  new Shape(RANDOM_COMPONENTS, weight.get(0)),
                  1 / Math.sqrt(RANDOM_COMPONENTS))));
      networks.put(modules.get(i), network(i % 3, in, draw, manager));
    }
    ComponentModel model = new ComponentModel(target, components, networks);
    NDArray ids = draw.integers(manager, new Shape(4, LENGTH), RANDOM_CONFIG.vocabulary());
    return new DecomposedModel(
        model, ids.get("0:1").duplicate(), ids.get("1:").duplicate(), manager);
  }

  /** Weights of a model, none of them trivial. */
  static Map<String, NDArray> weights(
      LlamaSimpleMlpConfig config, SeededArrays draw, NDManager manager) {
    Map<String, NDArray> weights = new LinkedHashMap<>();
    config
        .shapes()
        .forEach(
            (name, shape) -> {
              boolean norm = shape.dimension() == 1;
              NDArray drawn =
                  draw.normal(manager, shape, norm ? 0.25 : 1 / Math.sqrt(shape.tail()));
              weights.put(name, norm ? drawn.add(1f) : drawn);
            });
    return weights;
  }

  /** Networks of all three kinds, one after the other. */
  private static ImportanceNetwork network(
      int kind, long in, SeededArrays draw, NDManager manager) {
    int hidden = 6;
    long c = RANDOM_COMPONENTS;
    long read = kind == 1 ? 1 : in;
    double size = 1 / Math.sqrt(read);
    return kind == 0
        ? ImportanceNetwork.of(
            List.of(
                new Layer(
                    draw.normal(manager, new Shape(in, hidden), size),
                    draw.normal(manager, new Shape(hidden), 0.5)),
                new Layer(
                    draw.normal(manager, new Shape(hidden, c), 0.5),
                    draw.normal(manager, new Shape(c), 0.5))))
        : ImportanceNetwork.of(
            List.of(
                new Layer(
                    draw.normal(manager, new Shape(c, read, hidden), size),
                    draw.normal(manager, new Shape(c, hidden), 0.5)),
                new Layer(
                    draw.normal(manager, new Shape(c, hidden, 1), 0.5),
                    draw.normal(manager, new Shape(c, 1), 0.5))));
  }

  /** An array's numbers, row by row, in float64. */
  static double[] numbers(NDArray array) {
    return array.toType(DataType.FLOAT64, false).toDoubleArray();
  }
}
