package dev.touchstone.model;

/**
 * The shape of a GPT-2, read from its checkpoint.
 *
 * @param layers how many blocks
 * @param heads attention heads in a block
 * @param width d_model, the residual stream's dimension
 * @param mlpWidth d_mlp
 * @param context the longest sequence the position table covers
 * @param vocabulary how many tokens; 0 when the checkpoint has no embedding
 */
public record Gpt2Config(
    int layers, int heads, int width, int mlpWidth, int context, int vocabulary)
    implements HeadGrid {
  /** Every GPT-2 that OpenAI published, distilgpt2 too, has heads of this size. */
  private static final int USUAL_HEAD_WIDTH = 64;

  /** LayerNorm's epsilon in every GPT-2. */
  public static final float NORM_EPSILON = 1e-5f;

  /** The dimensions must fit each other. */
  public Gpt2Config {
    if (layers < 1 || heads < 1 || width % heads != 0) {
      throw new IllegalArgumentException(
          "no GPT-2 has "
              + layers
              + " layers and "
              + heads
              + " heads over a width of "
              + width
              + ": the heads must divide the width");
    }
  }

  /** d_head. */
  public int headWidth() {
    return width / heads;
  }

  /**
   * Reads the dimensions from the shapes of a checkpoint that may lack tensors. Shapes don't tell
   * the number of heads: it is {@code n_head} of a {@code config.json} beside the checkpoint, as
   * Hugging Face writes it, or else one head per 64 dimensions. What else that file says must be
   * what the tensors say and {@link Gpt2} computes.
   *
   * @throws CheckpointException when a tensor every GPT-2 has is missing, when one is of another
   *     shape than the rest implies or cannot be read, when one block lacks a tensor that another
   *     has, or when the number of heads cannot be told
   */
  public static Gpt2Config of(Checkpoint checkpoint) {
    int context = checkpoint.dimension("wpe.weight", 2, 0);
    int width = checkpoint.dimension("wpe.weight", 2, 1);
    if (checkpoint.names().stream().noneMatch(name -> name.endsWith(".attn.c_attn.weight"))) {
      throw new CheckpointException(
          checkpoint.path(),
          "has no tensor 'h.0.attn.c_attn.weight', so it is no GPT-2",
          "choose a checkpoint with Hugging Face's names of GPT-2's tensors");
    }
    ConfigFile written = ConfigFile.beside(checkpoint);
    int layers =
        checkpoint.blocks(
            Weights.shapes(new Gpt2Config(1, 1, 1, 1, 1, 1)).keySet(),
            written.has("n_layer") ? written.count("n_layer") : 1);
    int vocabulary = checkpoint.has("wte.weight") ? checkpoint.dimension("wte.weight", 2, 0) : 0;
    int mlpWidth = checkpoint.dimension("h.0.mlp.c_fc.bias", 1, 0);
    written.expect("n_layer", layers);
    written.expect("n_embd", width);
    written.expect("n_inner", mlpWidth);
    written.expect("n_positions", context);
    if (vocabulary > 0) {
      written.expect("vocab_size", vocabulary);
    }
    written.expect("model_type", "gpt2");
    written.expect("activation_function", "gelu_new", "gelu_pytorch_tanh");
    written.expect("layer_norm_epsilon", 1e-5);
    written.expect("scale_attn_weights", true);
    written.expect("scale_attn_by_inverse_layer_idx", false);
    written.expect("tie_word_embeddings", true);
    Gpt2Config config =
        new Gpt2Config(
            layers, heads(checkpoint, written, width), width, mlpWidth, context, vocabulary);
    Weights.shapes(config)
        .forEach(
            (name, shape) -> {
              if (checkpoint.has(name)) {
                checkpoint.expect(name, shape);
              }
            });
    return config;
  }

  private static int heads(Checkpoint checkpoint, ConfigFile written, int width) {
    if (!written.exists() && width % USUAL_HEAD_WIDTH != 0) {
      throw new CheckpointException(
          checkpoint.path(),
          "has a width of " + width + ", no multiple of 64, so its shapes don't tell its heads",
          "put a config.json with n_head beside it");
    }
    int heads = written.exists() ? written.count("n_head") : width / USUAL_HEAD_WIDTH;
    if (width % heads != 0) {
      throw new CheckpointException(
          written.file(),
          "gives n_head as " + heads,
          "it must be a whole number that divides the width of " + width);
    }
    return heads;
  }
}
