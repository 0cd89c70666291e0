package dev.touchstone.suite.experiment.spd;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.touchstone.model.Checkpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * What PyTorch and TransformerLens made of llama-nano, as {@code golden/oracle} recorded it.
 *
 * @param record its numbers
 * @param tensors its arrays
 */
public record Oracle(JsonNode record, Checkpoint tensors) {
  /** Positions of which logits were recorded: each fourth. */
  private static final int EVERY = 4;

  /** The record in the repository's {@code golden} folder. */
  public static Oracle open(Path golden) {
    Path folder = golden.resolve("oracle/llama-nano");
    try {
      return new Oracle(
          new ObjectMapper().readTree(folder.resolve("llama-nano.json").toFile()),
          Checkpoint.open(folder.resolve("llama-nano.safetensors")));
    } catch (IOException e) {
      throw new UncheckedIOException("the oracle's record in " + folder + " cannot be read", e);
    }
  }

  /** The tokens it ran over, [batch, position]. */
  public NDArray ids(NDManager manager) {
    JsonNode rows = record.path("ids");
    int length = rows.get(0).size();
    long[] ids = new long[rows.size() * length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = rows.get(i / length).get(i % length).asLong();
    }
    try (NDArray borrowed = manager.create(ids, new Shape(rows.size(), length))) {
      return borrowed.duplicate();
    }
  }

  /** An array it recorded. */
  public NDArray tensor(NDManager manager, String name) {
    return tensors.load(manager, name);
  }

  /** The positions of [batch, position, ...] that it recorded of logits. */
  public NDArray everyFourth(NDArray logits) {
    return logits.get(":, ::" + EVERY);
  }
}
