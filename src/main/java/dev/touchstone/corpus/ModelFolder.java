package dev.touchstone.corpus;

import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.CheckpointException;
import dev.touchstone.runtime.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.stream.Stream;

/**
 * A folder with a checkpoint as Hugging Face's tools leave it: one file, or several and an index.
 */
final class ModelFolder {
  static final String SINGLE = "model.safetensors";
  static final String INDEX = "model.safetensors.index.json";
  private static final String FILE = ".*\\.safetensors(\\.index\\.json)?";

  private ModelFolder() {}

  /**
   * The checkpoint of a folder that a user names, or the file itself.
   *
   * @throws BrokenAssetException when there is none, or more than one
   */
  static Path named(String named) {
    Path path = path(named);
    if (Files.isRegularFile(path) && path.toString().matches(FILE)) {
      return path;
    }
    if (!Files.isDirectory(path)) {
      throw refusal(
          named,
          Files.exists(path) ? "is neither a folder nor a safetensors file" : "is no folder here");
    }
    return whole(path).orElseGet(() -> only(named, path));
  }

  private static Path path(String named) {
    try {
      return Path.of(named);
    } catch (InvalidPathException e) {
      throw refusal(named, "is no path");
    }
  }

  private static BrokenAssetException refusal(String named, String problem) {
    return new BrokenAssetException(
        "\"%s\" %s: name a folder with %s or %s, or a model of the hub at a revision as owner/name@ and its 40 hexadecimal digits (a branch or a tag could be another model tomorrow)."
            .formatted(named, problem, SINGLE, INDEX));
  }

  /** Its checkpoint by the usual names, if it is all there. */
  static Optional<Path> whole(Path folder) {
    Path single = folder.resolve(SINGLE);
    Path index = folder.resolve(INDEX);
    if (Files.exists(single)) {
      return Optional.of(single);
    }
    return Files.exists(index)
            && shards(index).stream().allMatch(shard -> Files.exists(folder.resolve(shard)))
        ? Optional.of(index)
        : Optional.empty();
  }

  private static Path only(String named, Path folder) {
    if (Files.exists(folder.resolve(INDEX))) {
      // Opening it says which file is missing.
      return folder.resolve(INDEX);
    }
    List<Path> all;
    try (Stream<Path> files = Files.list(folder)) {
      all = files.filter(file -> file.toString().endsWith(".safetensors")).sorted().toList();
    } catch (IOException e) {
      throw new BrokenAssetException(
          "%s cannot be read (%s): check that this user may."
              .formatted(folder, Reason.of(e, folder)),
          e);
    }
    if (all.size() == 1) {
      return all.get(0);
    }
    throw refusal(
        named,
        all.isEmpty()
            ? "has no safetensors"
            : "has %d safetensors files and no %s that says how they belong together"
                .formatted(all.size(), INDEX));
  }

  /** The files that an index names. */
  static SortedSet<String> shards(Path index) {
    try {
      return Checkpoint.shards(index);
    } catch (CheckpointException e) {
      throw new BrokenAssetException(
          "%s names no safetensors files of its own folder (%s)".formatted(index, e.getMessage()),
          e);
    }
  }
}
