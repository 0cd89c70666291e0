package dev.touchstone.model;

import java.nio.file.Path;

/**
 * A checkpoint that cannot be read as asked; the message says where, what is wrong and what to do.
 */
public final class CheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Characters shown of the beginning and of the end of a problem, which may quote a long name. */
  private static final int SHOWN = 300;

  public CheckpointException(Path file, String problem, String remedy) {
    super(sentence(file, problem, remedy));
  }

  public CheckpointException(Path file, String problem, String remedy, Throwable cause) {
    super(sentence(file, problem, remedy), cause);
  }

  private static String sentence(Path file, String problem, String remedy) {
    // A terminal would obey some of them.
    String shown = problem.replaceAll("\\p{Cntrl}", "?");
    if (shown.length() > 2 * SHOWN) {
      shown = shown.substring(0, SHOWN) + "..." + shown.substring(shown.length() - SHOWN);
    }
    return file + " " + shown + ": " + remedy;
  }
}
