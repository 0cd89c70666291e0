package dev.touchstone.suite.golden;

import dev.touchstone.suite.claim.Complaint;
import dev.touchstone.suite.claim.Place;
import java.util.List;

/**
 * A deliberate mistake in an operator, as an edit of its source.
 *
 * @param says what is done wrong
 * @param file the source's, below {@code src/main/java/dev/touchstone}
 * @param replace what stands there once
 * @param by what stands there instead
 * @param refutes the claims on llama-nano that are no longer reproduced under it
 * @param moves the claims on nano144 whose answer or figure is another one under it
 * @param place where it is written
 */
public record Fault(
    String id,
    String says,
    String file,
    String replace,
    String by,
    List<String> refutes,
    List<String> moves,
    Place place) {
  public Fault {
    refutes = List.copyOf(refutes);
    moves = List.copyOf(moves);
  }

  /**
   * The source with the mistake in it.
   *
   * @throws GoldenException when the source does not have what is to be replaced exactly once
   */
  public String in(String source) {
    int first = source.indexOf(replace);
    if (first < 0 || source.indexOf(replace, first + 1) >= 0) {
      throw GoldenException.of(
          List.of(
              new Complaint(
                  place,
                  "%s has \"%s\" %s; write what stands there once, as the source has it now"
                      .formatted(file, replace, first < 0 ? "nowhere" : "more than once"))));
    }
    return source.substring(0, first) + by + source.substring(first + replace.length());
  }

  @Override
  public String toString() {
    return id + ": " + says;
  }
}
