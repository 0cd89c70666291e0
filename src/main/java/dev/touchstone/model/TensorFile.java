package dev.touchstone.model;

import dev.touchstone.model.SafetensorsHeader.Tensor;
import dev.touchstone.runtime.Reason;
import dev.touchstone.runtime.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;

/**
 * A safetensors file. A tensor is mapped only while it is read, so there is nothing to close.
 *
 * @param tensors by name in the header's order
 * @param modified when the file was when it was opened
 */
record TensorFile(Path path, Map<String, Tensor> tensors, FileTime modified) {
  /**
   * Reads and checks the header.
   *
   * @throws CheckpointException when the file cannot be read or its header breaks the format's
   *     rules
   */
  static TensorFile open(Path path) {
    requireFile(path);
    try (FileChannel channel = FileChannel.open(path)) {
      FileTime modified = Files.getLastModifiedTime(path);
      return new TensorFile(path, SafetensorsHeader.read(path, channel), modified);
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  /** Reading from a pipe or a terminal would wait. */
  static void requireFile(Path path) {
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new CheckpointException(
          path,
          Files.isDirectory(path) ? "is a folder" : "is no file",
          "name a safetensors file, such as the model.safetensors in a folder");
    }
  }

  /**
   * Reads a tensor of it as float32.
   *
   * @throws CheckpointException when the file cannot be read or has changed
   */
  void widen(Tensor tensor, Precision precision, FloatBuffer target) {
    try (FileChannel channel = FileChannel.open(path)) {
      // Mapping beyond the end of a file is no error until the memory is touched, and then a fatal
      // one.
      if (channel.size() < tensor.end()) {
        throw changed();
      }
      ByteBuffer stored =
          channel.map(FileChannel.MapMode.READ_ONLY, tensor.start(), tensor.bytes());
      precision.widen(stored.order(ByteOrder.LITTLE_ENDIAN), target);
      requireUnchanged();
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  /**
   * The SHA-256 of the whole file.
   *
   * @throws CheckpointException when the file cannot be read or has changed
   */
  String sha256() {
    try {
      String sha256 = Sha256.of(path);
      requireUnchanged();
      return sha256;
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  /** Another file's numbers would go under this one's hash. */
  private void requireUnchanged() throws IOException {
    if (!Files.getLastModifiedTime(path).equals(modified)) {
      throw changed();
    }
  }

  private CheckpointException changed() {
    return new CheckpointException(
        path, "has changed since it was opened", "leave it alone during a run");
  }

  static CheckpointException unreadable(Path path, IOException cause) {
    if (cause instanceof NoSuchFileException) {
      return new CheckpointException(
          path, "does not exist", "name a safetensors file that does", cause);
    }
    return new CheckpointException(
        path,
        "cannot be read (" + Reason.of(cause, path) + ")",
        "check that it is a file this user may read",
        cause);
  }
}
