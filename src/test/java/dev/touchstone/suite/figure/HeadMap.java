package dev.touchstone.suite.figure;

import dev.touchstone.suite.observation.Grid;
import dev.touchstone.suite.observation.Tier;
import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.knowm.xchart.AnnotationText;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;

/** A number for each head, as colour and in figures. */
final class HeadMap {
  /** Below this a change is coloured in proportion, above it by its logarithm; in percent. */
  private static final double LINEAR_BELOW = 0.1;

  /** Whatever is beyond has the last colour; in percent. */
  private static final double LAST_COLOUR = 100;

  private static final Color[] BLUE_TO_RED = {
    new Color(0x2166AC),
    new Color(0x67A9CF),
    new Color(0xD1E5F0),
    new Color(0xF7F7F7),
    new Color(0xFDDBC7),
    new Color(0xEF8A62),
    new Color(0xB2182B)
  };

  private HeadMap() {}

  static Chart<?, ?> of(FigureData shown, String method, String done) {
    HeatMapChart chart =
        new HeatMapChartBuilder()
            .width(1200)
            .height(860)
            .title(shown.subject() + ": change of the perplexity when a head is " + done + ", %")
            .xAxisTitle("head")
            .yAxisTitle("layer")
            .build();
    ChartStyle.quiet(chart.getStyler());
    ChartStyle.grid(chart.getStyler());
    chart.getStyler().setPlotContentSize(1);
    chart.getStyler().setLegendVisible(false);
    chart.getStyler().setRangeColors(BLUE_TO_RED);
    double last = shade(LAST_COLOUR);
    chart.getStyler().setMin(-last).setMax(last);
    Grid grid = shown.grid();
    List<Double> changes = shown.series(Tier.TWO_K, "heads/" + method + "/deltas");
    List<Number[]> cells = new ArrayList<>();
    for (int layer = 0; layer < grid.layers(); layer++) {
      for (int head = 0; head < grid.heads(); head++) {
        double change = 100 * changes.get(layer * grid.heads() + head);
        double shade = Math.max(-last, Math.min(last, shade(change)));
        cells.add(new Number[] {head, layer, shade});
        chart.addAnnotation(
            new AnnotationText(
                write(change), centre(head, grid.heads()), centre(layer, grid.layers()), false));
      }
    }
    chart.addSeries("change", first(grid.heads()), first(grid.layers()), cells);
    return chart;
  }

  // XChart's annotations see an axis that runs from the first to the last index, edge to edge.
  private static double centre(int index, int side) {
    return (index + 0.5) * (side - 1) / side;
  }

  private static List<Integer> first(int side) {
    return IntStream.range(0, side).boxed().toList();
  }

  private static double shade(double change) {
    return Math.signum(change) * Math.log10(1 + Math.abs(change) / LINEAR_BELOW);
  }

  private static String write(double change) {
    return String.format(Locale.ROOT, Math.abs(change) < 10 ? "%+.2f" : "%+.0f", change);
  }
}
