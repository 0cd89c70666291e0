package dev.touchstone.suite.figure;

import java.util.function.Function;
import org.knowm.xchart.internal.chartpart.Chart;

/**
 * A picture of what a subject showed.
 *
 * @param name the file's, without its ending
 * @param caption what is to be seen, in a sentence or two
 * @param drawing draws it
 */
public record Figure(String name, String caption, Function<FigureData, Chart<?, ?>> drawing) {
  @Override
  public String toString() {
    return name;
  }
}
