package dev.touchstone.suite.figure;

import java.util.List;
import java.util.function.Function;
import org.knowm.xchart.internal.chartpart.Chart;

/**
 * A picture of what a subject showed.
 *
 * @param name the file's, without its ending, which begins with the report's
 * @param caption what is to be seen, in a sentence or two
 * @param parts the parts of the report whose figures it draws, {@code 6B}
 * @param drawing draws it
 */
public record Figure(
    String name, String caption, List<String> parts, Function<FigureData, Chart<?, ?>> drawing) {
  public Figure {
    parts = List.copyOf(parts);
  }

  /** The report's short name. */
  public String report() {
    return name.substring(0, name.indexOf('-'));
  }

  @Override
  public String toString() {
    return name;
  }
}
