package dev.touchstone.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/** Files that appear under their name only when whole, whoever else is writing the same. */
public final class AtomicFile {
  private AtomicFile() {}

  /** What writes a file. */
  @FunctionalInterface
  public interface Writer {
    /** Writes all of it. */
    void write(Path file) throws IOException;
  }

  /**
   * Writes a file, and its folder if need be, in place of an earlier one.
   *
   * @throws IOException when it cannot be written, with a sentence that says so; an earlier file
   *     then stays
   */
  public static void write(Path file, Writer writer) throws IOException {
    Path aside = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".part");
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      writer.write(aside);
      move(aside, file);
    } catch (IOException e) {
      delete(aside, e);
      throw new IOException(
          "%s cannot be written (%s): see that there is room and that this user may write there"
              .formatted(file, Reason.of(e, file)),
          e);
    }
  }

  private static void delete(Path aside, IOException failure) {
    try {
      Files.deleteIfExists(aside);
    } catch (IOException e) {
      // What kept the file from being written keeps its beginning from being deleted.
      failure.addSuppressed(e);
    }
  }

  /** The same of bytes. */
  public static void write(Path file, byte[] content) throws IOException {
    write(file, aside -> Files.write(aside, content));
  }

  /** The same of a text, in UTF-8. */
  public static void write(Path file, String text) throws IOException {
    write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Gives a whole file its name. */
  public static void move(Path aside, Path file) throws IOException {
    Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
