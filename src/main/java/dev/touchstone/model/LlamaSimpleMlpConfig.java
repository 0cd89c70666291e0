package dev.touchstone.model;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The shape of a LlamaSimpleMLP (docs/protocol.md, "LlamaSimpleMLP").
 *
 * @param layers how many blocks
 * @param heads query heads in a block
 * @param keyValueHeads key and value heads in a block; each serves {@code heads / keyValueHeads}
 *     query heads
 * @param width d_model, the residual stream's dimension
 * @param mlpWidth d_mlp
 * @param context the longest sequence
 * @param vocabulary how many tokens
 * @param rotaryBase the slowest rotation turns by one radian in about so many positions
 * @param normEpsilon added to the mean square that a norm divides by
 */
public record LlamaSimpleMlpConfig(
    int layers,
    int heads,
    int keyValueHeads,
    int width,
    int mlpWidth,
    int context,
    int vocabulary,
    double rotaryBase,
    float normEpsilon)
    implements HeadGrid {
  /** The dimensions must fit each other. */
  public LlamaSimpleMlpConfig {
    if (layers < 1 || heads < 1 || width % (2L * heads) != 0) {
      throw new IllegalArgumentException(
          "no LlamaSimpleMLP has %d layers and %d heads over a width of %d: the heads must divide the width evenly"
              .formatted(layers, heads, width));
    }
    if (keyValueHeads < 1 || heads % keyValueHeads != 0) {
      throw new IllegalArgumentException(
          "%d query heads cannot share %d key and value heads: these must divide those"
              .formatted(heads, keyValueHeads));
    }
  }

  @Override
  public boolean rotary() {
    return true;
  }

  /** d_head. */
  public int headWidth() {
    return width / heads;
  }

  /** Query heads that read the same key and value head. */
  public int group() {
    return heads / keyValueHeads;
  }

  /** The linear maps of all blocks in the order in which a pass computes them. */
  public List<String> modules() {
    List<String> modules = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      for (String map :
          List.of(
              "attn.q_proj",
              "attn.k_proj",
              "attn.v_proj",
              "attn.o_proj",
              "mlp.c_fc",
              "mlp.down_proj")) {
        modules.add("h." + layer + "." + map);
      }
    }
    return List.copyOf(modules);
  }

  /** The names and shapes of all weights; those of linear maps are [d_out, d_in]. */
  public Map<String, Shape> shapes() {
    int keyValueWidth = keyValueHeads * headWidth();
    Map<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put("wte.weight", new Shape(vocabulary, width));
    for (int layer = 0; layer < layers; layer++) {
      String block = "h." + layer + ".";
      shapes.put(block + "rms_1.weight", new Shape(width));
      shapes.put(block + "attn.q_proj.weight", new Shape(width, width));
      shapes.put(block + "attn.k_proj.weight", new Shape(keyValueWidth, width));
      shapes.put(block + "attn.v_proj.weight", new Shape(keyValueWidth, width));
      shapes.put(block + "attn.o_proj.weight", new Shape(width, width));
      shapes.put(block + "rms_2.weight", new Shape(width));
      shapes.put(block + "mlp.c_fc.weight", new Shape(mlpWidth, width));
      shapes.put(block + "mlp.down_proj.weight", new Shape(width, mlpWidth));
    }
    shapes.put("ln_f.weight", new Shape(width));
    return shapes;
  }

  /**
   * Reads the dimensions from the shapes of a checkpoint, and what shapes don't tell from the
   * {@code config.json} beside it, in the original's words: {@code n_head} and {@code n_ctx}, and
   * where they are not the usual ones {@code rotary_base} and {@code rms_norm_eps}.
   *
   * @throws CheckpointException when a tensor or a number is missing or does not fit
   */
  public static LlamaSimpleMlpConfig of(Checkpoint checkpoint) {
    if (checkpoint.names().stream().noneMatch(name -> name.endsWith(".attn.q_proj.weight"))) {
      throw new CheckpointException(
          checkpoint.path(),
          "has no tensor 'h.0.attn.q_proj.weight', so it is no LlamaSimpleMLP",
          "choose a checkpoint with the original's names of its tensors");
    }
    int vocabulary = checkpoint.dimension("wte.weight", 2, 0);
    int width = checkpoint.dimension("wte.weight", 2, 1);
    ConfigFile written = ConfigFile.beside(checkpoint);
    if (!written.exists()) {
      throw new CheckpointException(
          written.file(),
          "is not there",
          "put a config.json with n_head and n_ctx beside the checkpoint");
    }
    int layers =
        checkpoint.blocks(
            new LlamaSimpleMlpConfig(1, 1, 1, 2, 1, 1, 1, 10_000, 1e-6f).shapes().keySet(),
            written.has("n_layer") ? written.count("n_layer") : 1);
    int heads = written.count("n_head");
    int keyValueWidth = checkpoint.dimension("h.0.attn.k_proj.weight", 2, 0);
    boolean dividing = width % (2L * heads) == 0 && keyValueWidth % (width / heads) == 0;
    if (!dividing || width % keyValueWidth != 0) {
      throw new CheckpointException(
          written.file(),
          "gives n_head as " + heads,
          "it must cut the width of %d into heads of even width, and k_proj's %d rows into a number of heads that divides it"
              .formatted(width, keyValueWidth));
    }
    LlamaSimpleMlpConfig config =
        new LlamaSimpleMlpConfig(
            layers,
            heads,
            keyValueWidth / (width / heads),
            width,
            checkpoint.dimension("h.0.mlp.c_fc.weight", 2, 0),
            written.count("n_ctx"),
            vocabulary,
            written.number("rotary_base", 10_000),
            (float) written.number("rms_norm_eps", 1e-6));
    config.shapes().forEach(checkpoint::expect);
    written.expect("n_layer", layers);
    written.expect("n_embd", width);
    written.expect("n_intermediate", config.mlpWidth());
    written.expect("vocab_size", config.vocabulary());
    written.expect("rotary_dim", config.headWidth());
    written.expect("rotary_adjacent_pairs", false);
    return config;
  }
}
