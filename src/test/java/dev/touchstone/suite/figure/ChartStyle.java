package dev.touchstone.suite.figure;

import dev.touchstone.statistics.Interval;
import dev.touchstone.suite.observation.Observation.Quantity;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** How the figures look, so that a colour or a mark means the same in all of them. */
public final class ChartStyle {
  /** Okabe and Ito's colours, which can be told apart without full colour vision. */
  public static final List<Color> COLOURS =
      List.of(
          new Color(0x0072B2),
          new Color(0xD55E00),
          new Color(0x009E73),
          new Color(0xCC79A7),
          new Color(0xE69F00),
          new Color(0x56B4E9));

  /** For what is only there to compare with. */
  public static final Color GREY = new Color(0x8C8C8C);

  private static final int WIDTH = 1200;
  private static final int HEIGHT = 800;
  private static final float LINE = 2.2f;
  private static final int MARKS = 50;

  private ChartStyle() {}

  /** An empty chart of two axes, whose titles carry the units. */
  public static XYChart axes(String title, String x, String y) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .build();
    quiet(chart.getStyler());
    grid(chart.getStyler());
    chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
    return chart;
  }

  /** Fonts and ground, for charts of every kind. */
  public static void quiet(Styler styler) {
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 20));
    styler.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 15));
    styler.setAnnotationTextFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
    styler.setLegendBorderColor(Color.WHITE);
    styler.setPlotBorderVisible(false);
    styler.setChartPadding(16);
    styler.setAntiAlias(true);
  }

  /** Axes and grid. */
  public static void grid(AxesChartStyler styler) {
    styler.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 17));
    styler.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 15));
    styler.setPlotGridLinesColor(new Color(0xE6E6E6));
    styler.setPlotGridLinesStroke(new BasicStroke(1));
  }

  /** Measured points joined by a line, with their intervals. */
  public static void line(
      XYChart chart, String name, List<Double> x, List<Quantity> measured, int colour) {
    for (int i = 0; i < x.size(); i++) {
      double at = x.get(i);
      measured
          .get(i)
          .interval()
          .ifPresent(interval -> bar(chart, name + " at " + at, at, interval, colour));
    }
    XYSeries series = chart.addSeries(name, x, measured.stream().map(Quantity::value).toList());
    coloured(series, COLOURS.get(colour), SeriesMarkers.CIRCLE).setLineWidth(LINE);
  }

  /** Numbers joined by a line, too many for marks or without intervals. */
  public static void curve(XYChart chart, String name, List<Double> x, List<Double> y, int colour) {
    Marker marker = x.size() > MARKS ? SeriesMarkers.NONE : SeriesMarkers.CIRCLE;
    coloured(chart.addSeries(name, x, y), COLOURS.get(colour), marker).setLineWidth(LINE);
  }

  private static void bar(XYChart chart, String name, double x, Interval interval, int colour) {
    XYSeries series =
        chart.addSeries(name, List.of(x, x), List.of(interval.low(), interval.high()));
    series.setShowInLegend(false);
    coloured(series, COLOURS.get(colour), SeriesMarkers.NONE).setLineWidth(1);
  }

  /** Points alone. */
  public static XYSeries points(
      XYChart chart, String name, List<Double> x, List<Double> y, Color colour, Marker marker) {
    XYSeries series = chart.addSeries(name, x, y);
    series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
    return coloured(series, colour, marker);
  }

  /** What a report prints: hollow squares in the colour of what they are to be compared with. */
  public static void printed(XYChart chart, String name, Map<Double, Double> points, int colour) {
    if (!points.isEmpty()) {
      points(
          chart,
          name,
          List.copyOf(points.keySet()),
          List.copyOf(points.values()),
          COLOURS.get(colour),
          new Hollow());
    }
  }

  /** Thresholds of the upward axis; the legend names them together. */
  public static void thresholds(XYChart chart, double right, List<Double> thresholds) {
    String name = thresholds.stream().map(each -> each + "x").collect(Collectors.joining(", "));
    for (double threshold : thresholds) {
      boolean first = threshold == thresholds.get(0);
      rule(chart, first ? name : name + threshold, 0, threshold, right, threshold)
          .setShowInLegend(first);
    }
  }

  /** A straight thin line between two points. */
  public static XYSeries rule(
      XYChart chart, String name, double x0, double y0, double x1, double y1) {
    XYSeries series = chart.addSeries(name, List.of(x0, x1), List.of(y0, y1));
    series.setLineColor(GREY);
    series.setLineStyle(new BasicStroke(1.2f, BasicStroke.CAP_BUTT, 0, 10, new float[] {6, 5}, 0));
    series.setMarker(SeriesMarkers.NONE);
    return series;
  }

  private static XYSeries coloured(XYSeries series, Color colour, Marker marker) {
    series.setLineColor(colour);
    series.setMarkerColor(colour);
    series.setMarker(marker);
    // XChart would go on to dashes after so many series.
    series.setLineStyle(SeriesLines.SOLID);
    return series;
  }

  /** A square that shows what lies under it. */
  private static final class Hollow extends Marker {
    @Override
    public void paint(Graphics2D graphics, double x, double y, int size) {
      graphics.setStroke(new BasicStroke(LINE));
      int side = size + 4;
      graphics.drawRect((int) (x - side / 2.0), (int) (y - side / 2.0), side, side);
    }
  }
}
