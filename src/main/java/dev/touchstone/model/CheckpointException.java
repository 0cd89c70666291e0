package dev.touchstone.model;

import java.nio.file.Path;

/**
 * A checkpoint that cannot be read as asked; the message says where, what is wrong and what to do.
 */
public final class CheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CheckpointException(Path file, String problem, String remedy) {
    super(file + " " + problem + ": " + remedy);
  }

  public CheckpointException(Path file, String problem, String remedy, Throwable cause) {
    super(file + " " + problem + ": " + remedy, cause);
  }
}
