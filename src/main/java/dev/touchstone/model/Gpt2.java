package dev.touchstone.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.norm.LayerNorm;
import dev.touchstone.tensor.Scope;
import java.util.Arrays;
import java.util.List;

/**
 * GPT-2 (Radford et al. 2019): pre-norm blocks of causal attention and a GELU MLP over a residual
 * stream, tied embedding. A pass goes block by block, so that a caller can start it at any layer.
 * The arrays it returns belong to the caller's {@link Scope}. A pass can be differentiated.
 */
public final class Gpt2 implements AutoCloseable {
  private final NDManager manager;
  private final Weights weights;
  private final Gpt2Config config;
  private final Constants constants;

  private Gpt2(NDManager manager, Weights weights) {
    this.manager = manager;
    this.weights = weights;
    config = weights.config();
    constants = Constants.of(manager, config.context(), config.headWidth());
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

  /**
   * A model of weights that stay the caller's and are read anew in every pass.
   *
   * @param parent where the model keeps its constants, in a child of its own
   */
  public static Gpt2 of(Weights weights, NDManager parent) {
    return new Gpt2(parent.newSubManager(), weights);
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
    return Scope.compute(() -> blocks(embed(ids, cache.positions(0)), 0, hooks, cache));
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
    return blocks(residual, first, hooks, null);
  }

  private NDArray blocks(NDArray residual, int first, Hooks hooks, KeyValueCache cache) {
    return Scope.compute(
        () -> {
          NDArray stream = residual;
          for (int layer = first; layer < config.layers(); layer++) {
            stream = block(layer, stream, hooks, cache);
          }
          return stream;
        });
  }

  /** Runs one block; shapes as its sites say. */
  public NDArray block(int layer, NDArray residual, Hooks hooks) {
    return block(layer, residual, hooks, null);
  }

  private NDArray block(int layer, NDArray residual, Hooks hooks, KeyValueCache cache) {
    Block block = new Block(layer, hooks);
    return block.after(
        residual,
        stream -> norm(block.name("ln_1"), stream),
        input -> attention(block, input, cache),
        stream -> mlp(block, norm(block.name("ln_2"), stream)));
  }

  /**
   * What heads attend with.
   *
   * @param query [batch, query, head, d_head]
   * @param key [batch, key, head, d_head]
   * @param value of the shape of the keys
   */
  private record Reading(NDArray query, NDArray key, NDArray value) {
    /** Of a block's input [batch, position, 3 d_model], where queries, keys and values meet. */
    static Reading of(Block block, NDArray joined, long heads) {
      long[] shape = joined.getShape().getShape();
      NDList parts = joined.reshape(shape[0], shape[1], 3 * heads, -1).split(3, 2);
      return new Reading(
          block.at(Site.QUERY, parts.get(0)),
          block.at(Site.KEY, parts.get(1)),
          block.at(Site.VALUE, parts.get(2)));
    }

    /** With the keys and values of the positions before. */
    Reading after(KeyValueCache cache, int layer) {
      return cache == null
          ? this
          : new Reading(query, cache.keys(layer, key), cache.values(layer, value));
    }

    /** q.k / sqrt(d_head), [batch, head, query, key]. */
    NDArray scores(NDArray scale) {
      return query.transpose(0, 2, 1, 3).mul(scale).matMul(key.transpose(0, 2, 3, 1));
    }
  }

  private NDArray attention(Block block, NDArray input, KeyValueCache cache) {
    return Scope.compute(
        () -> {
          NDArray joined = linear(block.name("attn.c_attn"), input); // [batch, position, 3 d_model]
          Reading heads = Reading.of(block, joined, config.heads()).after(cache, block.layer());
          NDArray scores = constants.hideFuture(heads.scores(constants.scale()));
          NDArray z = block.attend(scores, heads.value()); // [batch, position, d_model]
          return linear(block.name("attn.c_proj"), z);
        });
  }

  private NDArray mlp(Block block, NDArray input) {
    return Scope.compute(
        () -> {
          NDArray hidden = constants.gelu(linear(block.name("mlp.c_fc"), input));
          return linear(block.name("mlp.c_proj"), hidden); // [batch, position, d_mlp] to d_model
        });
  }

  /**
   * The logits of some positions.
   *
   * @param residual the stream after the last block, [..., d_model]
   * @return [..., vocabulary]
   */
  public NDArray unembed(NDArray residual) {
    return Scope.compute(
        () -> {
          NDArray normed = norm("ln_f", residual);
          return weights.tied()
              ? normed.matMul(weights.get("wte.weight").transpose())
              : linear(Weights.UNEMBED, normed);
        });
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

  @Override
  public void close() {
    manager.close();
  }
}
