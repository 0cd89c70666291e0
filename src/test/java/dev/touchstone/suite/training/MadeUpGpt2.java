package dev.touchstone.suite.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.touchstone.model.Gpt2Config;
import dev.touchstone.model.Weights;
import dev.touchstone.runtime.AtomicFile;
import dev.touchstone.suite.training.SafetensorsWriter.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A checkpoint of any of GPT-2's shapes that has learnt nothing, but whose heads all do something.
 * Its numbers are whole numbers mixed and scaled, so that another language makes the same bits:
 * {@code golden/oracle/shapes.py} does.
 */
public final class MadeUpGpt2 {
  private MadeUpGpt2() {}

  /**
   * Writes it into a folder, with its {@code config.json}.
   *
   * @param shards in how many files; with more than one, an index says which tensor is where
   * @return the file, or the index
   */
  public static Path write(Path folder, Gpt2Config config, int shards) throws IOException {
    AtomicFile.write(
        folder.resolve("config.json"),
        json(
            Map.of(
                "model_type", "gpt2",
                "n_layer", config.layers(),
                "n_head", config.heads(),
                "n_embd", config.width(),
                "n_inner", config.mlpWidth(),
                "n_positions", config.context(),
                "vocab_size", config.vocabulary())));
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      List<Map<String, NDArray>> files = new ArrayList<>();
      for (int shard = 0; shard < shards; shard++) {
        files.add(new LinkedHashMap<>());
      }
      Map<String, String> places = new TreeMap<>();
      int place = 0;
      for (var tensor : new TreeMap<>(Weights.shapes(config)).entrySet()) {
        int shard = place % shards;
        NDArray values =
            manager.create(values(tensor.getKey(), place, tensor.getValue(), config.width()));
        files.get(shard).put(tensor.getKey(), values.reshape(tensor.getValue()));
        places.put(tensor.getKey(), file(shard, shards));
        place++;
      }
      for (int shard = 0; shard < shards; shard++) {
        SafetensorsWriter.write(
            folder.resolve(file(shard, shards)), files.get(shard), Precision.F32);
      }
      Path index = folder.resolve("model.safetensors.index.json");
      if (shards == 1) {
        return folder.resolve(file(0, 1));
      }
      AtomicFile.write(index, json(Map.of("weight_map", places)));
      return index;
    }
  }

  private static String json(Map<String, ?> content) throws IOException {
    return new ObjectMapper().writeValueAsString(content);
  }

  private static String file(int shard, int shards) {
    return shards == 1
        ? "model.safetensors"
        : "model-%05d-of-%05d.safetensors".formatted(shard + 1, shards);
  }

  /**
   * A tensor's numbers, evenly spread around 0, or around 1 for what scales a norm: so wide that
   * scores of attention and logits differ by about one.
   *
   * @param place among all tensors by name, which sets it apart
   */
  static float[] values(String name, int place, Shape shape, int width) {
    float[] values = new float[(int) shape.size()];
    boolean scales = name.matches(".*ln_\\w+\\.weight");
    double spread = scales || name.endsWith(".bias") ? 0.25 : 4 / Math.sqrt(width);
    for (int i = 0; i < values.length; i++) {
      double around0 = (mixed(((long) place << 32) + i) >>> 40) * 0x1p-24 - 0.5;
      values[i] = (float) ((scales ? 1 : 0) + spread * around0);
    }
    return values;
  }

  /**
   * SplitMix64's bits at a place.
   *
   * @see <a href="https://doi.org/10.1145/2714064.2660195">Steele, Lea and Flood 2014</a>
   */
  private static long mixed(long place) {
    long bits = (place + 1) * 0x9E3779B97F4A7C15L;
    bits = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
    bits = (bits ^ bits >>> 27) * 0x94D049BB133111EBL;
    return bits ^ bits >>> 31;
  }
}
