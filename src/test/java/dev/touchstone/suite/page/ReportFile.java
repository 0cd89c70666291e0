package dev.touchstone.suite.page;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A file that a run leaves. It is written aside and then moved, so that nobody reads half of it.
 */
public final class ReportFile {
  private ReportFile() {}

  /**
   * Writes a file, and its folder if need be, in place of an earlier one.
   *
   * @throws IOException when the folder cannot be written
   */
  public static void write(Path file, byte[] content) throws IOException {
    Files.createDirectories(file.getParent());
    Path aside = file.resolveSibling(file.getFileName() + ".part");
    Files.write(aside, content);
    Files.move(aside, file, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The same of a text, in UTF-8. */
  public static void write(Path file, String text) throws IOException {
    write(file, text.getBytes(StandardCharsets.UTF_8));
  }
}
