package dev.touchstone.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.core.Embedding;
import dev.touchstone.tensor.Fused;
import dev.touchstone.tensor.Scope;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * LlamaSimpleMLP (docs/protocol.md, "LlamaSimpleMLP"): pre-norm blocks of rotary, grouped-query
 * causal attention and a GELU MLP over a residual stream; RMSNorm, no biases, tied embedding. The
 * arrays it returns belong to the caller's {@link Scope}.
 *
 * <p>A pass can be differentiated.
 */
public final class LlamaSimpleMlp implements Transformer, AutoCloseable {
  private final NDManager manager;
  private final LlamaSimpleMlpConfig config;
  private final Map<String, NDArray> weights;
  private final Constants constants;
  private final Lengthening cosines;
  private final Lengthening sines;
  private final NDArray epsilon;

  private LlamaSimpleMlp(
      LlamaSimpleMlpConfig config, Map<String, NDArray> weights, NDManager manager) {
    this.manager = manager;
    this.config = config;
    this.weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    constants = Constants.of(manager, config.context(), config.headWidth());
    cosines = rotations(Math::cos);
    sines = rotations(Math::sin);
    epsilon = Constants.scalar(manager, config.normEpsilon());
  }

  /** A function of the angle at each position, [position, 1, d_head]. */
  private Lengthening rotations(DoubleUnaryOperator function) {
    int width = config.headWidth();
    int half = width / 2;
    return new Lengthening(
        manager,
        config.context(),
        length -> {
          float[] values = new float[Math.multiplyExact(length, width)];
          for (int i = 0; i < values.length; i++) {
            int position = i / width;
            int pair = i % width % half;
            double angle = position / Math.pow(config.rotaryBase(), pair / (double) half);
            values[i] = (float) function.applyAsDouble(angle);
          }
          return Constants.array(manager, values, length, 1, width);
        });
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
  @Override
  public LlamaSimpleMlpConfig config() {
    return config;
  }

  /** The weights by name. */
  public Map<String, NDArray> weights() {
    return weights;
  }

  /** Where the model's constants live. */
  @Override
  public NDManager manager() {
    return manager;
  }

  /** Token ids [batch, position] to logits [batch, position, vocabulary]. */
  @Override
  public NDArray logits(NDArray ids, Hooks hooks) {
    return logits(ids, hooks, this::linear);
  }

  /**
   * Token ids [batch, position] to logits [batch, position, vocabulary], with something else in the
   * place of the blocks' linear maps.
   *
   * @throws IllegalArgumentException when the sequence is longer than the context, or an id is none
   *     of the vocabulary's
   */
  public NDArray logits(NDArray ids, Hooks hooks, LinearMaps maps) {
    TokenIds.check(ids, config.vocabulary());
    long positions = ids.getShape().get(1);
    if (positions > config.context()) {
      throw new IllegalArgumentException(
          "a sequence of %d tokens is longer than the context of %d"
              .formatted(positions, config.context()));
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
    Block block = new Block(layer, hooks);
    return block.after(
        residual,
        stream -> norm(block.name("rms_1"), stream),
        input -> attention(block, input, maps),
        stream -> mlp(block, norm(block.name("rms_2"), stream), maps));
  }

  private NDArray attention(Block block, NDArray input, LinearMaps maps) {
    return Scope.compute(
        () -> {
          NDArray query = heads(block, Site.QUERY, maps.apply(block.name("attn.q_proj"), input));
          NDArray key = heads(block, Site.KEY, maps.apply(block.name("attn.k_proj"), input));
          NDArray value = heads(block, Site.VALUE, maps.apply(block.name("attn.v_proj"), input));
          NDArray scores = constants.hideFuture(scores(rotate(query), rotate(key)));
          NDArray z = block.attend(scores, forEachQueryHead(value));
          return maps.apply(block.name("attn.o_proj"), block.outputs(z));
        });
  }

  private NDArray mlp(Block block, NDArray input, LinearMaps maps) {
    NDArray hidden = Fused.gelu(maps.apply(block.name("mlp.c_fc"), input));
    return maps.apply(block.name("mlp.down_proj"), hidden);
  }

  /** [batch, position, head, d_head]. */
  private NDArray heads(Block block, Site site, NDArray x) {
    Shape shape = x.getShape();
    return block.at(site, x.reshape(shape.get(0), shape.get(1), -1, config.headWidth()));
  }

  /** Turns the pair (i, i + d_head / 2) of a head at a position by the angle of both. */
  private NDArray rotate(NDArray x) {
    long length = x.getShape().get(1);
    String positions = "0:" + length;
    NDList halves = x.split(2, 3);
    NDArray across = NDArrays.concat(new NDList(halves.get(1).neg(), halves.get(0)), 3);
    return x.mul(cosines.to(length).get(positions))
        .add(across.mul(sines.to(length).get(positions)));
  }

  /** [batch, position, key-value head, d_head] with each head as often as query heads read it. */
  private NDArray forEachQueryHead(NDArray x) {
    return config.group() == 1 ? x : x.repeat(2, config.group());
  }

  /** q.k / sqrt(d_head), [batch, head, query, key]. */
  private NDArray scores(NDArray query, NDArray key) {
    return query
        .transpose(0, 2, 1, 3)
        .matMul(forEachQueryHead(key).transpose(0, 2, 3, 1))
        .mul(constants.scale());
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
