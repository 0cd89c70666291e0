package dev.touchstone.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Files that appear under their name only when whole, whoever else is writing the same. */
public final class AtomicFile {
  private AtomicFile() {}

  /** Writes a file, and its folder if need be, in place of an earlier one. */
  public static void write(Path file, byte[] content) throws IOException {
    Files.createDirectories(file.getParent());
    Path aside = Files.createTempFile(file.getParent(), file.getFileName() + ".", ".part");
    try {
      Files.write(aside, content);
      move(aside, file);
    } finally {
      Files.deleteIfExists(aside);
    }
  }

  /** Gives a whole file its name. */
  public static void move(Path aside, Path file) throws IOException {
    Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
