package dev.touchstone.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.norm.LayerNorm;
import dev.touchstone.tensor.Scope;
import java.util.Arrays;
import java.util.List;

/**
 * GPT-2 (Radford et al. 2019): pre-norm blocks of causal attention and a GELU MLP over a residual
 * stream, tied embedding. A pass goes block by block, so that a caller can start it at any layer.
 * The arrays it returns belong to the caller's {@link Scope}.
 */
public final class Gpt2 implements AutoCloseable {
  private final NDManager manager;
  private final Weights weights;
  private final Gpt2Config config;
  private final NDArray futureIsMinusInfinity;

  private Gpt2(NDManager manager, Weights weights) {
    this.manager = manager;
    this.weights = weights;
    this.config = weights.config();
    int context = config.context();
    float[] mask = new float[context * context];
    for (int query = 0; query < context; query++) {
      Arrays.fill(
          mask, query * context + query + 1, (query + 1) * context, Float.NEGATIVE_INFINITY);
    }
    futureIsMinusInfinity = manager.create(mask, new Shape(context, context));
  }

  /**
   * Loads a whole checkpoint and processes it.
   *
   * @param parent where the weights live; the model owns a child of it
   * @throws CheckpointException when a tensor is missing or has the wrong shape
   */
  public static Gpt2 load(Checkpoint checkpoint, WeightProcessing processing, NDManager parent) {
    try (NDManager raw = parent.newSubManager()) {
      Weights stored = Weights.load(checkpoint, raw);
      if (!stored.complete()) {
        String missing =
            Weights.shapes(stored.config()).keySet().stream()
                .filter(name -> !stored.tensors().containsKey(name))
                .findFirst()
                .orElseThrow();
        throw new CheckpointException(
            checkpoint.path(),
            "has no tensor '" + missing + "', so it cannot compute logits",
            "choose a complete checkpoint");
      }
      Weights processed = processing.apply(stored);
      NDManager own = parent.newSubManager();
      processed.tensors().values().forEach(tensor -> Scope.keep(tensor, own));
      return new Gpt2(own, processed);
    }
  }

  /** The model's dimensions. */
  public Gpt2Config config() {
    return config;
  }

  /** The processed weights. */
  public Weights weights() {
    return weights;
  }

  /** Where the weights live; what an experiment keeps beside them can live in a child. */
  public NDManager manager() {
    return manager;
  }

  /**
   * Sequences as token ids [batch, position].
   *
   * @throws IllegalArgumentException when they are not all of one length
   */
  public static NDArray ids(NDManager manager, List<int[]> sequences) {
    if (sequences.stream().mapToInt(each -> each.length).distinct().count() != 1) {
      throw new IllegalArgumentException("the sequences of a batch must be of one length");
    }
    long[] ids =
        sequences.stream().flatMapToLong(each -> Arrays.stream(each).asLongStream()).toArray();
    return manager.create(ids, new Shape(sequences.size(), ids.length / sequences.size()));
  }

  /** Shows hooks a pass over token sequences of one length, of which nothing is kept. */
  public void watch(List<int[]> sequences, Hooks hooks) {
    Scope.measure(() -> blocks(embed(ids(manager, sequences), 0), 0, hooks).getShape());
  }

  /** Token ids [batch, position] to logits [batch, position, vocabulary], whole. */
  public NDArray logits(NDArray ids, Hooks hooks) {
    return Scope.compute(() -> unembed(blocks(embed(ids, 0), 0, hooks)));
  }

  /**
   * Logits [batch, vocabulary] of the token after the last one; {@code ids} holds only the
   * positions the cache does not have yet.
   */
  public NDArray nextLogits(NDArray ids, Hooks hooks, KeyValueCache cache) {
    return Scope.compute(() -> unembed(continued(ids, hooks, cache).get(":, -1")));
  }

  /**
   * The stream after the last block, [batch, position, d_model], at the positions of {@code ids},
   * which follow those the cache has.
   */
  public NDArray continued(NDArray ids, Hooks hooks, KeyValueCache cache) {
    return Scope.compute(
        () -> {
          NDArray residual = embed(ids, cache.positions(0));
          for (int layer = 0; layer < config.layers(); layer++) {
            residual = block(layer, residual, hooks, cache);
          }
          return residual;
        });
  }

  /**
   * The residual stream before the first block, [batch, position, d_model].
   *
   * @param ids token ids [batch, position], int64
   * @param first the position of the first token
   * @throws IllegalArgumentException when the sequence is longer than the context
   */
  public NDArray embed(NDArray ids, int first) {
    long end = first + ids.getShape().get(1);
    if (end > config.context()) {
      throw new IllegalArgumentException(
          "a sequence of " + end + " tokens is longer than the context of " + config.context());
    }
    return Scope.compute(
        () -> {
          NDArray positions = weights.get("wpe.weight").get(first + ":" + end);
          return Embedding.embedding(ids, weights.get("wte.weight"), SparseFormat.DENSE)
              .singletonOrThrow()
              .addi(positions);
        });
  }

  /** Runs the blocks from {@code first} to the last on the stream that enters it. */
  public NDArray blocks(NDArray residual, int first, Hooks hooks) {
    return Scope.compute(
        () -> {
          NDArray stream = residual;
          for (int layer = first; layer < config.layers(); layer++) {
            stream = block(layer, stream, hooks);
          }
          return stream;
        });
  }

  /** Runs one block; shapes as its sites say. */
  public NDArray block(int layer, NDArray residual, Hooks hooks) {
    return block(layer, residual, hooks, null);
  }

  private NDArray block(int layer, NDArray residual, Hooks hooks, KeyValueCache cache) {
    return Scope.compute(
        () -> {
          String name = "h." + layer + ".";
          NDArray before = hooks.at(Site.RESIDUAL_BEFORE, layer, residual);
          NDArray input = hooks.at(Site.ATTENTION_INPUT, layer, norm(name + "ln_1", before));
          NDArray attention = attention(layer, input, hooks, cache);
          NDArray middle = before.add(hooks.at(Site.ATTENTION_OUTPUT, layer, attention));
          NDArray mlp = mlp(name + "mlp.", norm(name + "ln_2", middle));
          NDArray after = middle.add(hooks.at(Site.MLP_OUTPUT, layer, mlp));
          return hooks.at(Site.RESIDUAL_AFTER, layer, after);
        });
  }

  private NDArray attention(int layer, NDArray input, Hooks hooks, KeyValueCache cache) {
    return Scope.compute(
        () -> {
          String name = "h." + layer + ".attn.";
          NDList parts = linear(name + "c_attn", input).split(3, 2);
          NDArray query = hooks.at(Site.QUERY, layer, heads(parts.get(0)));
          NDArray key = hooks.at(Site.KEY, layer, heads(parts.get(1)));
          NDArray value = hooks.at(Site.VALUE, layer, heads(parts.get(2)));
          int past = cache == null ? 0 : cache.positions(layer);
          if (cache != null) {
            key = cache.keys(layer, key);
            value = cache.values(layer, value);
          }
          NDArray scores = hooks.at(Site.SCORES, layer, scores(query, key, past));
          NDArray pattern = hooks.at(Site.PATTERN, layer, scores.softmax(3));
          NDArray z =
              hooks.at(
                  Site.Z, layer, pattern.matMul(value.transpose(0, 2, 1, 3)).transpose(0, 2, 1, 3));
          return linear(name + "c_proj", joined(z));
        });
  }

  /** [batch, head, query, key]; the first query stands at position {@code past}. */
  private NDArray scores(NDArray query, NDArray key, int past) {
    long queries = query.getShape().get(1);
    long keys = key.getShape().get(1);
    NDArray mask = futureIsMinusInfinity.get(past + ":" + (past + queries) + ", 0:" + keys);
    return query
        .transpose(0, 2, 1, 3)
        .mul(1f / (float) Math.sqrt(config.headWidth()))
        .matMul(key.transpose(0, 2, 3, 1))
        .addi(mask);
  }

  private NDArray mlp(String name, NDArray input) {
    return Scope.compute(
        () -> {
          NDArray x = linear(name + "c_fc", input);
          // GELU's tanh form, x (1 + tanh u) / 2, is x sigmoid(2u) with u = sqrt(2/pi) (x +
          // 0.044715 x^3).
          float slope = (float) (2 * Math.sqrt(2 / Math.PI));
          NDArray twice = x.square().muli(0.044715f * slope).addi(slope).muli(x);
          return linear(name + "c_proj", Activation.sigmoid(twice).muli(x));
        });
  }

  /**
   * The logits of some positions.
   *
   * @param residual the stream after the last block, [..., d_model]
   * @return [..., vocabulary]
   */
  public NDArray unembed(NDArray residual) {
    return Scope.compute(() -> linear(Weights.UNEMBED, norm("ln_f", residual)));
  }

  private NDArray norm(String name, NDArray x) {
    return LayerNorm.layerNorm(
            x,
            new Shape(config.width()),
            weights.get(name + ".weight"),
            weights.get(name + ".bias"),
            Gpt2Config.NORM_EPSILON)
        .singletonOrThrow();
  }

  private NDArray linear(String name, NDArray x) {
    return x.matMul(weights.get(name + ".weight")).addi(weights.get(name + ".bias"));
  }

  private NDArray heads(NDArray x) {
    long[] shape = x.getShape().getShape();
    return x.reshape(shape[0], shape[1], config.heads(), config.headWidth());
  }

  private NDArray joined(NDArray z) {
    long[] shape = z.getShape().getShape();
    return z.reshape(shape[0], shape[1], config.width());
  }

  @Override
  public void close() {
    manager.close();
  }
}
