package dev.touchstone.suite.golden;

/** What a run was given cannot be used: one sentence for people, who need no stack trace. */
public final class InputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public InputException(String sentence) {
    super(sentence, null, false, false);
  }
}
