package dev.touchstone.runtime;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Why a file could not be read or written, in a few words for a sentence that names the file. */
public final class Reason {
  private Reason() {}

  /** The reason, and before it the path that is at fault if that is another one. */
  public static String of(IOException failure, Path named) {
    // A FileSystemException's own message is the path.
    String words =
        failure instanceof FileSystemException system ? of(system) : failure.getMessage();
    String file = failure instanceof FileSystemException system ? system.getFile() : null;
    String known = words == null ? failure.getClass().getSimpleName() : words;
    return file == null || file.equals(named.toString()) ? known : file + ": " + known;
  }

  private static String of(FileSystemException failure) {
    if (failure instanceof AccessDeniedException) {
      return "Permission denied";
    }
    if (failure instanceof NoSuchFileException) {
      return "No such file or directory";
    }
    return failure instanceof FileAlreadyExistsException ? "Not a directory" : failure.getReason();
  }
}
