package dev.touchstone.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The tensors of a GPT-2 by Hugging Face's names, float32. The tied embedding is also there as
 * {@code unembed.weight}, [d_model, vocabulary], with {@code unembed.bias}, because processing
 * unties them. A checkpoint that lacks tensors gives weights that lack them.
 */
public record Weights(Gpt2Config config, Map<String, NDArray> tensors) {
  static final String UNEMBED = "unembed";

  /** Keeps the order of the tensors. */
  public Weights {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
  }

  /**
   * Loads whatever tensors of a GPT-2 the checkpoint has onto the manager's device.
   *
   * @throws CheckpointException as {@link Gpt2Config#of} and {@link Checkpoint#load}
   */
  public static Weights load(Checkpoint checkpoint, NDManager manager) {
    Gpt2Config config = Gpt2Config.of(checkpoint);
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    shapes(config).keySet().stream()
        .filter(checkpoint::has)
        .forEach(name -> tensors.put(name, checkpoint.load(manager, name)));
    NDArray embedding = tensors.get("wte.weight");
    if (embedding != null) {
      requireTied(checkpoint, manager, embedding);
      tensors.put(UNEMBED + ".weight", contiguous(embedding.transpose()));
      tensors.put(UNEMBED + ".bias", manager.zeros(new Shape(config.vocabulary())));
    }
    return new Weights(config, tensors);
  }

  private static void requireTied(Checkpoint checkpoint, NDManager manager, NDArray embedding) {
    if (checkpoint.has("lm_head.weight")) {
      try (NDArray unembedding = checkpoint.load(manager, "lm_head.weight")) {
        if (!unembedding.contentEquals(embedding)) {
          throw new CheckpointException(
              checkpoint.path(),
              "holds an 'lm_head.weight' that is not its 'wte.weight'",
              "choose a GPT-2 that unembeds with its embedding, as OpenAI's do");
        }
      }
    }
  }

  /** The names and shapes of a whole GPT-2 of these dimensions, tied embedding once. */
  public static Map<String, Shape> shapes(Gpt2Config config) {
    int width = config.width();
    Map<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put("wte.weight", new Shape(config.vocabulary(), width));
    shapes.put("wpe.weight", new Shape(config.context(), width));
    for (int layer = 0; layer < config.layers(); layer++) {
      String block = "h." + layer + ".";
      norm(shapes, block + "ln_1", width);
      linear(shapes, block + "attn.c_attn", width, 3L * width);
      linear(shapes, block + "attn.c_proj", width, width);
      norm(shapes, block + "ln_2", width);
      linear(shapes, block + "mlp.c_fc", width, config.mlpWidth());
      linear(shapes, block + "mlp.c_proj", config.mlpWidth(), width);
    }
    norm(shapes, "ln_f", width);
    return shapes;
  }

  private static void norm(Map<String, Shape> shapes, String name, long width) {
    shapes.put(name + ".weight", new Shape(width));
    shapes.put(name + ".bias", new Shape(width));
  }

  private static void linear(Map<String, Shape> shapes, String name, long in, long out) {
    shapes.put(name + ".weight", new Shape(in, out));
    shapes.put(name + ".bias", new Shape(out));
  }

  /** These weights, their unembedding a view of what passes multiply with. */
  Weights unembeddedBy(Unembedding unembedding) {
    Map<String, NDArray> others = new LinkedHashMap<>(tensors);
    others.put(UNEMBED + ".weight", unembedding.unpadded());
    return new Weights(config, others);
  }

  /** Whether the embedding is still the unembedding, as in training. */
  boolean tied() {
    return !tensors.containsKey(UNEMBED + ".weight");
  }

  /** Whether both the weight and the bias of a linear map or norm are there. */
  boolean hasLayer(String name) {
    return tensors.containsKey(name + ".weight") && tensors.containsKey(name + ".bias");
  }

  /** Whether nothing is missing that a forward pass needs. */
  public boolean complete() {
    return tensors.keySet().containsAll(shapes(config).keySet());
  }

  /**
   * The tensor of a name.
   *
   * @throws IllegalStateException when the checkpoint lacked it
   */
  public NDArray get(String name) {
    NDArray tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalStateException("the checkpoint had no tensor " + name);
    }
    return tensor;
  }

  /** W_Q of a head, [d_model, d_head]; W_K and W_V likewise. */
  public NDArray query(Head head) {
    return projection(head, 0);
  }

  /** W_K of a head, [d_model, d_head]. */
  public NDArray key(Head head) {
    return projection(head, 1);
  }

  private NDArray projection(Head head, int part) {
    int width = config.headWidth();
    int from = part * config.width() + head.index() * width;
    return get("h." + head.layer() + ".attn.c_attn.weight")
        .get(":, " + from + ":" + (from + width));
  }

  /** Rows one after the other in memory, whatever view the array was. */
  static NDArray contiguous(NDArray array) {
    return array.mul(1f);
  }
}
