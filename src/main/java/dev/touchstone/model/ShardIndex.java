package dev.touchstone.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The index of a checkpoint in several safetensors files, as Hugging Face writes it: a JSON object
 * whose {@code weight_map} names the file of each tensor. It is read as strictly as a header, and
 * must say of its files just what they hold.
 */
final class ShardIndex {
  /** What the name of one ends with. */
  static final String ENDING = ".safetensors.index.json";

  private static final long LARGEST = 100_000_000;
  private static final String WEIGHT_MAP = "weight_map";
  private static final String FETCH = "fetch it again together with the files it names";

  /** Beside the index, and nowhere else on this machine. */
  private static final Pattern SHARD = Pattern.compile("\\w[\\w.-]*\\.safetensors");

  private final Path index;

  /** File by tensor. */
  private final Map<String, String> shards = new LinkedHashMap<>();

  private ShardIndex(Path index) {
    this.index = index;
  }

  /**
   * Opens all files of a checkpoint, in the order of their names.
   *
   * @throws CheckpointException when the index or a file cannot be read, breaks the format's rules,
   *     or says something else than the other
   */
  static List<TensorFile> open(Path index) {
    return read(index).files();
  }

  /** The names of the files, all of its own folder, whether they are there or not. */
  static SortedSet<String> shards(Path index) {
    return new TreeSet<>(read(index).shards.values());
  }

  private static ShardIndex read(Path index) {
    TensorFile.requireFile(index);
    ShardIndex opened = new ShardIndex(index);
    byte[] text;
    try {
      if (Files.size(index) > LARGEST) {
        throw opened.broken("has more than " + LARGEST + " bytes");
      }
      text = Files.readAllBytes(index);
    } catch (IOException e) {
      throw TensorFile.unreadable(index, e);
    }
    opened.read(text);
    return opened;
  }

  private void read(byte[] text) {
    try (StrictJson json = new StrictJson(text)) {
      boolean object = json.isObject();
      while (object && json.nextMember()) {
        if (json.name().equals(WEIGHT_MAP) && json.isObject()) {
          readShards(json);
        } else {
          json.skip();
        }
      }
      if (object) {
        json.end();
      }
    } catch (IOException e) {
      throw new CheckpointException(index, "is " + StrictJson.complaint(e), FETCH, e);
    }
    if (shards.isEmpty()) {
      throw broken("is no JSON object with a " + WEIGHT_MAP + " from tensors to files");
    }
  }

  private void readShards(StrictJson json) throws IOException {
    while (json.nextMember()) {
      String tensor = json.name();
      String shard =
          json.string()
              .filter(name -> SHARD.matcher(name).matches())
              .orElseThrow(
                  () ->
                      broken(
                          "places tensor '"
                              + tensor
                              + "' in no safetensors file of its own folder"));
      if (SafetensorsHeader.nameOf(tensor).map(name -> shards.put(name, shard)).isPresent()) {
        throw broken("names tensor '" + tensor + "' twice");
      }
    }
  }

  private List<TensorFile> files() {
    Map<String, TensorFile> files = new TreeMap<>();
    shards.forEach(
        (tensor, shard) -> {
          TensorFile file =
              files.computeIfAbsent(shard, name -> TensorFile.open(index.resolveSibling(name)));
          if (!file.tensors().containsKey(tensor)) {
            throw broken("places tensor '" + tensor + "' in " + shard + ", which does not hold it");
          }
        });
    files.forEach(
        (shard, file) ->
            file.tensors()
                .keySet()
                .forEach(
                    tensor -> {
                      if (!shard.equals(shards.get(tensor))) {
                        throw broken(
                            "does not place tensor '"
                                + tensor
                                + "' in "
                                + shard
                                + ", which holds it");
                      }
                    }));
    return List.copyOf(files.values());
  }

  private CheckpointException broken(String problem) {
    return new CheckpointException(index, problem, FETCH);
  }
}
