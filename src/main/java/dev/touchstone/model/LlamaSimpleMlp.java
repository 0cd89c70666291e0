package dev.touchstone.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Embedding;
import dev.touchstone.tensor.Scope;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * LlamaSimpleMLP (docs/protocol.md, "LlamaSimpleMLP"): pre-norm blocks of rotary, grouped-query
 * causal attention and a GELU MLP over a residual stream; RMSNorm, no biases, tied embedding. The
 * arrays it returns belong to the caller's {@link Scope}.
 *
 * <p>A pass can be differentiated. Autograd keeps operands for the backward pass and Java frees a
 * scalar's buffer before it, so every constant here is an array that lives as long as the model,
 * and nothing is computed in place.
 */
public final class LlamaSimpleMlp implements AutoCloseable {
  private final NDManager manager;
  private final LlamaSimpleMlpConfig config;
  private final Map<String, NDArray> weights;
  private final NDArray futureIsMinusInfinity;
  private final NDArray cosines;
  private final NDArray sines;
  private final NDArray scale;
  private final NDArray epsilon;
  private final NDArray geluLinear;
  private final NDArray geluCubic;

  private LlamaSimpleMlp(
      LlamaSimpleMlpConfig config, Map<String, NDArray> weights, NDManager manager) {
    this.manager = manager;
    this.config = config;
    this.weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    int context = config.context();
    float[] mask = new float[context * context];
    for (int query = 0; query < context; query++) {
      Arrays.fill(
          mask, query * context + query + 1, (query + 1) * context, Float.NEGATIVE_INFINITY);
    }
    futureIsMinusInfinity = constant(mask, context, context);
    int half = config.headWidth() / 2;
    float[] cosine = new float[context * 2 * half];
    float[] sine = new float[context * 2 * half];
    for (int position = 0; position < context; position++) {
      for (int i = 0; i < 2 * half; i++) {
        double angle = position / Math.pow(config.rotaryBase(), (i % half) / (double) half);
        cosine[position * 2 * half + i] = (float) Math.cos(angle);
        sine[position * 2 * half + i] = (float) Math.sin(angle);
      }
    }
    cosines = constant(cosine, context, 1, 2L * half);
    sines = constant(sine, context, 1, 2L * half);
    scale = constant(1 / Math.sqrt(config.headWidth()));
    epsilon = constant(config.normEpsilon());
    // GELU's tanh form, x (1 + tanh u) / 2, is x sigmoid(2u) with u = sqrt(2/pi) (x + 0.044715
    // x^3).
    double slope = 2 * Math.sqrt(2 / Math.PI);
    geluLinear = constant(slope);
    geluCubic = constant(0.044715 * slope);
  }

  private NDArray constant(double value) {
    return constant(new float[] {(float) value});
  }

  private NDArray constant(float[] values, long... shape) {
    // A created array borrows Java's memory, which a view of it would outlive.
    try (NDArray borrowed = manager.create(values, new Shape(shape))) {
      return borrowed.duplicate();
    }
  }

  /**
   * Loads a checkpoint.
   *
   * @param parent where the weights live; the model owns a child of it
   * @throws CheckpointException when a tensor is missing or has the wrong shape
   */
  public static LlamaSimpleMlp load(Checkpoint checkpoint, NDManager parent) {
    LlamaSimpleMlpConfig config = LlamaSimpleMlpConfig.of(checkpoint);
    NDManager own = parent.newSubManager();
    Map<String, NDArray> weights = new LinkedHashMap<>();
    config.shapes().keySet().forEach(name -> weights.put(name, checkpoint.load(own, name)));
    return new LlamaSimpleMlp(config, weights, own);
  }

  /**
   * A model of weights that stay the caller's and are read anew in every pass.
   *
   * @param weights by the names and of the shapes of {@link LlamaSimpleMlpConfig#shapes}
   * @param parent where the model keeps its constants, in a child of its own
   */
  public static LlamaSimpleMlp of(
      LlamaSimpleMlpConfig config, Map<String, NDArray> weights, NDManager parent) {
    return new LlamaSimpleMlp(config, weights, parent.newSubManager());
  }

  /** The model's dimensions. */
  public LlamaSimpleMlpConfig config() {
    return config;
  }

  /** The weights by name. */
  public Map<String, NDArray> weights() {
    return weights;
  }

  /** Where the model's constants live. */
  public NDManager manager() {
    return manager;
  }

  /** Token ids [batch, position] to logits [batch, position, vocabulary]. */
  public NDArray logits(NDArray ids, Hooks hooks) {
    return logits(ids, hooks, this::linear);
  }

  /**
   * Token ids [batch, position] to logits [batch, position, vocabulary], with something else in the
   * place of the blocks' linear maps.
   *
   * @throws IllegalArgumentException when the sequence is longer than the context
   */
  public NDArray logits(NDArray ids, Hooks hooks, LinearMaps maps) {
    long positions = ids.getShape().get(1);
    if (positions > config.context()) {
      throw new IllegalArgumentException(
          "a sequence of "
              + positions
              + " tokens is longer than the context of "
              + config.context());
    }
    return Scope.compute(
        () -> {
          NDArray embedding = weights.get("wte.weight");
          NDArray residual =
              Embedding.embedding(ids, embedding, SparseFormat.DENSE).singletonOrThrow();
          for (int layer = 0; layer < config.layers(); layer++) {
            residual = block(layer, residual, hooks, maps);
          }
          return norm("ln_f", residual).matMul(embedding.transpose());
        });
  }

  /** The model's own linear map of a name on [..., d_in]. */
  public NDArray linear(String module, NDArray input) {
    return input.matMul(weights.get(module + ".weight").transpose());
  }

  private NDArray block(int layer, NDArray residual, Hooks hooks, LinearMaps maps) {
    return Scope.compute(
        () -> {
          String name = "h." + layer + ".";
          NDArray before = hooks.at(Site.RESIDUAL_BEFORE, layer, residual);
          NDArray input = hooks.at(Site.ATTENTION_INPUT, layer, norm(name + "rms_1", before));
          NDArray attention = attention(layer, input, hooks, maps);
          NDArray middle = before.add(hooks.at(Site.ATTENTION_OUTPUT, layer, attention));
          NDArray hidden = gelu(maps.apply(name + "mlp.c_fc", norm(name + "rms_2", middle)));
          NDArray mlp = maps.apply(name + "mlp.down_proj", hidden);
          NDArray after = middle.add(hooks.at(Site.MLP_OUTPUT, layer, mlp));
          return hooks.at(Site.RESIDUAL_AFTER, layer, after);
        });
  }

  private NDArray attention(int layer, NDArray input, Hooks hooks, LinearMaps maps) {
    return Scope.compute(
        () -> {
          String name = "h." + layer + ".attn.";
          NDArray query = hooks.at(Site.QUERY, layer, heads(maps.apply(name + "q_proj", input)));
          NDArray key = hooks.at(Site.KEY, layer, heads(maps.apply(name + "k_proj", input)));
          NDArray value = hooks.at(Site.VALUE, layer, heads(maps.apply(name + "v_proj", input)));
          NDArray scores = hooks.at(Site.SCORES, layer, scores(rotate(query), rotate(key)));
          NDArray pattern = hooks.at(Site.PATTERN, layer, scores.softmax(3));
          NDArray z = pattern.matMul(forEachQueryHead(value).transpose(0, 2, 1, 3));
          NDArray joined =
              hooks.at(Site.Z, layer, z.transpose(0, 2, 1, 3)).reshape(input.getShape());
          return maps.apply(name + "o_proj", joined);
        });
  }

  private NDArray heads(NDArray x) {
    Shape shape = x.getShape();
    return x.reshape(shape.get(0), shape.get(1), -1, config.headWidth());
  }

  /** Turns the pair (i, i + d_head / 2) of a head at a position by the angle of both. */
  private NDArray rotate(NDArray x) {
    String positions = "0:" + x.getShape().get(1);
    NDList halves = x.split(2, 3);
    NDArray across = NDArrays.concat(new NDList(halves.get(1).neg(), halves.get(0)), 3);
    return x.mul(cosines.get(positions)).add(across.mul(sines.get(positions)));
  }

  /** [batch, position, key-value head, d_head] with each head as often as query heads read it. */
  private NDArray forEachQueryHead(NDArray x) {
    return config.group() == 1 ? x : x.repeat(2, config.group());
  }

  private NDArray scores(NDArray query, NDArray key) {
    long positions = query.getShape().get(1);
    NDArray mask = futureIsMinusInfinity.get("0:" + positions + ", 0:" + positions);
    return query
        .transpose(0, 2, 1, 3)
        .matMul(forEachQueryHead(key).transpose(0, 2, 3, 1))
        .mul(scale)
        .add(mask);
  }

  private NDArray gelu(NDArray x) {
    return x.mul(Activation.sigmoid(x.square().mul(geluCubic).add(geluLinear).mul(x)));
  }

  private NDArray norm(String name, NDArray x) {
    NDArray size = x.square().mean(new int[] {-1}, true).add(epsilon).sqrt();
    return x.div(size).mul(weights.get(name + ".weight"));
  }

  @Override
  public void close() {
    manager.close();
  }
}
