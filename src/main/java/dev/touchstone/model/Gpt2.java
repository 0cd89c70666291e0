package dev.touchstone.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.norm.LayerNorm;
import dev.touchstone.tensor.Fused;
import dev.touchstone.tensor.Scope;
import java.util.List;
import java.util.Optional;

/**
 * GPT-2 (Radford et al. 2019): pre-norm blocks of causal attention and a GELU MLP over a residual
 * stream, tied embedding. A pass goes block by block, so that a caller can start it at any layer.
 * The arrays it returns belong to the caller's {@link Scope}. A pass can be differentiated.
 */
public final class Gpt2 implements Transformer, AutoCloseable {
  private final NDManager manager;
  private final Weights weights;
  private final Gpt2Config config;
  private final Constants constants;
  private final Optional<Unembedding> unembedding;

  /** Where {@code unembedding} is not given, the weights' own is read in every pass. */
  private Gpt2(NDManager manager, Weights weights, Optional<Unembedding> unembedding) {
    this.manager = manager;
    this.weights = weights;
    this.unembedding = unembedding;
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
      NDManager own = parent.newSubManager();
      Weights processed = processing.apply(stored);
      Unembedding unembedding = Unembedding.of(processed, own);
      Weights kept = processed.unembeddedBy(unembedding);
      kept.tensors().values().forEach(tensor -> Scope.keep(tensor, own));
      return new Gpt2(own, kept, Optional.of(unembedding));
    }
  }

  /**
   * A model of weights that stay the caller's and are read anew in every pass.
   *
   * @param parent where the model keeps its constants, in a child of its own
   */
  public static Gpt2 of(Weights weights, NDManager parent) {
    return new Gpt2(parent.newSubManager(), weights, Optional.empty());
  }

  /** The model's dimensions. */
  @Override
  public Gpt2Config config() {
    return config;
  }

  /** The processed weights. */
  public Weights weights() {
    return weights;
  }

  /** Where the weights live; what an experiment keeps beside them can live in a child. */
  @Override
  public NDManager manager() {
    return manager;
  }

  /** As {@link TokenIds#of}. */
  public static NDArray ids(NDManager manager, List<int[]> sequences) {
    return TokenIds.of(manager, sequences);
  }

  /** Shows hooks a pass over token sequences of one length, of which nothing is kept. */
  @Override
  public void watch(List<int[]> sequences, Hooks hooks) {
    Scope.measure(() -> blocks(embed(ids(manager, sequences), 0), 0, hooks).getShape());
  }

  /** Token ids [batch, position] to logits [batch, position, vocabulary], whole. */
  @Override
  public NDArray logits(NDArray ids, Hooks hooks) {
    return Scope.compute(() -> unembed(blocks(embed(ids, 0), 0, hooks)));
  }

  /** What is below the first changed layer is computed once for all copies. */
  @Override
  public NDArray logits(NDArray ids, int copies, int first, Hooks hooks) {
    return Scope.compute(
        () -> {
          NDArray stream = embed(ids, 0);
          for (int layer = 0; layer < first; layer++) {
            stream = block(layer, stream, Hooks.NONE);
          }
          return unembed(blocks(stream.repeat(0, copies), first, hooks));
        });
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
   * @throws IllegalArgumentException when the sequence is longer than the context, or an id is none
   *     of the vocabulary's
   */
  public NDArray embed(NDArray ids, int first) {
    TokenIds.check(ids, config.vocabulary());
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
        input -> written(block, attended(block, input, cache)),
        stream -> mlp(block, stream));
  }

  /**
   * The heads' outputs in an unmodified block, [batch, position, head, d_head].
   *
   * @param residual the stream that enters the block
   */
  public NDArray headOutputs(int layer, NDArray residual) {
    Block block = new Block(layer, Hooks.NONE);
    return Scope.compute(() -> attended(block, norm(block.name("ln_1"), residual), null));
  }

  /**
   * Runs the blocks from {@code first} to the last for hooks that see nothing of block {@code
   * first} before its heads' outputs.
   *
   * @param residual the stream that enters the block
   * @param z what {@link #headOutputs} gives of it
   */
  public NDArray blocks(NDArray residual, NDArray z, int first, Hooks hooks) {
    Block block = new Block(first, hooks);
    return Scope.compute(
        () ->
            blocks(
                block.after(residual, written(block, z), stream -> mlp(block, stream)),
                first + 1,
                hooks));
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

    /** Whether there is a query for every key. */
    boolean whole() {
      return query.getShape().get(1) == key.getShape().get(1);
    }

    /** The heads' outputs of the queries of all keys, as {@link Block#attend} gives them. */
    NDArray attended() {
      return Fused.causalAttention(
              query.transpose(0, 2, 1, 3), key.transpose(0, 2, 1, 3), value.transpose(0, 2, 1, 3))
          .transpose(0, 2, 1, 3);
    }

    /** q.k / sqrt(d_head), [batch, head, query, key]. */
    NDArray scores(NDArray scale) {
      return query.transpose(0, 2, 1, 3).mul(scale).matMul(key.transpose(0, 2, 3, 1));
    }
  }

  /** The heads' outputs [batch, position, head, d_head], of the normalized stream. */
  private NDArray attended(Block block, NDArray input, KeyValueCache cache) {
    return Scope.compute(
        () -> {
          NDArray joined = linear(block.name("attn.c_attn"), input); // [batch, position, 3 d_model]
          Reading heads = Reading.of(block, joined, config.heads()).after(cache, block.layer());
          boolean fused = !block.sees(Site.SCORES) && !block.sees(Site.PATTERN) && heads.whole();
          return fused
              ? heads.attended()
              : block.attend(constants.hideFuture(heads.scores(constants.scale())), heads.value());
        });
  }

  /** What the attention writes, [batch, position, d_model], of the heads' outputs. */
  private NDArray written(Block block, NDArray z) {
    return Scope.compute(() -> linear(block.name("attn.c_proj"), block.outputs(z)));
  }

  private NDArray mlp(Block block, NDArray stream) {
    return Scope.compute(
        () -> {
          NDArray input = norm(block.name("ln_2"), stream);
          NDArray hidden = Fused.gelu(linear(block.name("mlp.c_fc"), input));
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
    return Scope.compute(() -> unembedding().logits(norm("ln_f", residual)));
  }

  /**
   * The loss of a token at each position, -log p in nats, without ever holding all logits.
   *
   * @param residual the stream after the last block, [position, d_model]
   * @param tokens [position, 1], int64
   */
  public float[] losses(NDArray residual, NDArray tokens) {
    return Scope.measure(() -> unembedding().losses(norm("ln_f", residual), tokens));
  }

  private Unembedding unembedding() {
    return unembedding.orElseGet(() -> Unembedding.asHeld(weights));
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
