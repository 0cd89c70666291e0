package dev.touchstone.model;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

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
   * Hugging Face writes it, or else one head per 64 dimensions.
   *
   * @throws CheckpointException when a tensor every GPT-2 has is missing or oddly shaped, or the
   *     number of heads cannot be told
   */
  public static Gpt2Config of(Checkpoint checkpoint) {
    Shape positions = rank(checkpoint, "wpe.weight", 2);
    int width = (int) positions.get(1);
    int layers = 0;
    while (checkpoint.has("h." + layers + ".attn.c_attn.weight")) {
      checkpoint.expect("h." + layers + ".attn.c_attn.weight", new Shape(width, 3L * width));
      layers++;
    }
    if (layers == 0) {
      throw new CheckpointException(
          checkpoint.path(),
          "has no tensor 'h.0.attn.c_attn.weight', so it is no GPT-2",
          "choose a checkpoint with Hugging Face's names of GPT-2's tensors");
    }
    int vocabulary =
        checkpoint.has("wte.weight") ? (int) rank(checkpoint, "wte.weight", 2).get(0) : 0;
    int mlpWidth = (int) rank(checkpoint, "h.0.mlp.c_fc.bias", 1).get(0);
    return new Gpt2Config(
        layers,
        heads(checkpoint.path(), width),
        width,
        mlpWidth,
        (int) positions.get(0),
        vocabulary);
  }

  private static Shape rank(Checkpoint checkpoint, String name, int dimensions) {
    Shape shape = checkpoint.shape(name);
    if (shape.dimension() != dimensions) {
      throw new CheckpointException(
          checkpoint.path(),
          "holds tensor '"
              + name
              + "' with shape "
              + shape
              + ", not one of "
              + dimensions
              + " axes",
          "choose a checkpoint of a GPT-2");
    }
    return shape;
  }

  private static int heads(Path checkpoint, int width) {
    Path beside = checkpoint.resolveSibling("config.json");
    if (Files.isReadable(beside)) {
      try {
        JsonNode heads = new ObjectMapper().readTree(beside.toFile()).path("n_head");
        if (heads.isInt() && heads.intValue() > 0 && width % heads.intValue() == 0) {
          return heads.intValue();
        }
        throw new CheckpointException(
            beside,
            "gives n_head as " + heads,
            "it must be a whole number that divides the width of " + width);
      } catch (IOException e) {
        throw new CheckpointException(
            beside, "cannot be read as JSON", "restore the file that came with the checkpoint", e);
      }
    }
    if (width % USUAL_HEAD_WIDTH != 0) {
      throw new CheckpointException(
          checkpoint,
          "has a width of " + width + ", no multiple of 64, so its shapes don't tell its heads",
          "put a config.json with n_head beside it");
    }
    return width / USUAL_HEAD_WIDTH;
  }
}
