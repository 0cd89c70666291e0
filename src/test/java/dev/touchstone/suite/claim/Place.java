package dev.touchstone.suite.claim;

/**
 * Where something stands in a file of the golden folder; line and column count from 1. Prints as
 * {@code file:line:column}, which editors and consoles turn into a link.
 */
public record Place(String file, int line, int column) {
  @Override
  public String toString() {
    return file + ":" + line + ":" + column;
  }
}
