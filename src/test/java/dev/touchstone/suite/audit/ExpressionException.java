package dev.touchstone.suite.audit;

/** An expression that cannot be read or has no meaning, and the column in it that shows why. */
public final class ExpressionException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST = 300;

  private final int column;

  /**
   * @param column counted from 1 in the expression
   * @param message what is wrong there and what to write instead
   */
  public ExpressionException(int column, String message) {
    super(message);
    this.column = column;
  }

  int column() {
    return column;
  }

  /** The complaint about the expression it was found in. */
  public String in(String expression) {
    String shown =
        expression.length() > LONGEST ? expression.substring(0, LONGEST) + "..." : expression;
    return "in \"%s\", column %d: %s".formatted(shown, column, getMessage());
  }
}
