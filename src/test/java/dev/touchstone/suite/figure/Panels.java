package dev.touchstone.suite.figure;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.LinearGradientPaint;
import java.awt.RenderingHints;
import java.awt.font.FontRenderContext;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.style.HeatMapStyler;

/**
 * Heat maps in rows and columns under one scale of colours, which stands beside the first row.
 *
 * @param title above all
 * @param across what the columns of a map are
 * @param rows the maps, row by row; every row has as many
 * @param symmetric whether the scale is as long below 0 as above it; else it begins at 0
 */
public record Panels(String title, String across, List<List<Map>> rows, boolean symmetric) {
  private static final int WIDTH = 290;
  private static final int HEAD = 40;
  private static final int MARGIN = 44;
  private static final int SCALE = 90;
  private static final Color[] DIVERGING = {
    new Color(0x2166AC), new Color(0xF7F7F7), new Color(0xB2182B)
  };
  private static final Color[] SEQUENTIAL = {
    new Color(0xFFFFFF), new Color(0x6BAED6), new Color(0x08306B)
  };

  /**
   * One map.
   *
   * @param name over it
   * @param cells by row from above and column
   */
  public record Map(String name, double[][] cells) {
    /** Numbers row by row. */
    public static Map of(String name, float[] numbers, int columns) {
      double[][] cells = new double[numbers.length / columns][columns];
      for (int i = 0; i < numbers.length; i++) {
        cells[i / columns][i % columns] = numbers[i];
      }
      return new Map(name, cells);
    }

    private double largest() {
      return Arrays.stream(cells)
          .flatMapToDouble(DoubleStream::of)
          .map(Math::abs)
          .max()
          .orElseThrow();
    }
  }

  /** The picture. */
  public BufferedImage draw() {
    int columns = rows.get(0).size();
    int height = HEAD + depth();
    Font bold = new Font(Font.SANS_SERIF, Font.BOLD, 17);
    int titled =
        (int) bold.getStringBounds(title, new FontRenderContext(null, true, true)).getWidth();
    BufferedImage image =
        new BufferedImage(
            Math.max(columns * WIDTH + SCALE, titled + MARGIN),
            2 * MARGIN + rows.size() * height,
            BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    double end = rows.stream().flatMap(List::stream).mapToDouble(Map::largest).max().orElseThrow();
    for (int row = 0; row < rows.size(); row++) {
      for (int column = 0; column < columns; column++) {
        HeatMapChart chart = chart(rows.get(row).get(column), end);
        paint(chart, graphics, column * WIDTH, MARGIN + row * height, WIDTH, height);
      }
    }
    double low = symmetric ? -end : 0;
    int x = columns * WIDTH;
    graphics.setPaint(
        new LinearGradientPaint(
            0, MARGIN + height - 12, 0, MARGIN + HEAD - 10, new float[] {0, 0.5f, 1}, colours()));
    graphics.fillRect(x, MARGIN + HEAD - 10, 24, height - HEAD - 2);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setColor(Color.BLACK);
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
    graphics.drawString(number(end), x + 30, MARGIN + HEAD);
    graphics.drawString(number(low), x + 30, MARGIN + height - 12);
    graphics.drawString(across, 12, image.getHeight() - 14);
    graphics.setFont(bold);
    graphics.drawString(title, 12, 28);
    graphics.dispose();
    return image;
  }

  private static void paint(
      HeatMapChart chart, Graphics2D graphics, int x, int y, int width, int height) {
    Graphics2D place = (Graphics2D) graphics.create(x, y, width, height);
    chart.paint(place, width, height);
    place.dispose();
  }

  private Color[] colours() {
    return symmetric ? DIVERGING : SEQUENTIAL;
  }

  private static String number(double value) {
    return value == 0 ? "0" : String.format(Locale.ROOT, "%.2g", value);
  }

  /** Square maps for square tables, flat ones for flat tables. */
  private int depth() {
    double[][] cells = rows.get(0).get(0).cells();
    return cells.length == cells[0].length ? WIDTH - 30 : Math.max(80, 40 * cells.length);
  }

  private HeatMapChart chart(Map map, double end) {
    HeatMapChart chart = new HeatMapChartBuilder().title(map.name()).build();
    HeatMapStyler styler = chart.getStyler();
    ChartStyle.quiet(styler);
    styler.setChartTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
    styler.setChartPadding(10);
    styler.setAxisTicksVisible(false);
    styler.setPlotContentSize(1);
    styler.setPlotBorderVisible(true);
    styler.setPlotBorderColor(ChartStyle.GREY);
    styler.setLegendVisible(false);
    styler.setRangeColors(colours());
    styler.setMin(symmetric ? -end : 0).setMax(end);
    double[][] cells = map.cells();
    List<Number[]> shades = new ArrayList<>();
    for (int row = 0; row < cells.length; row++) {
      for (int column = 0; column < cells[row].length; column++) {
        // XChart counts rows from below.
        shades.add(new Number[] {column, cells.length - 1 - row, cells[row][column]});
      }
    }
    chart.addSeries("cells", indices(cells[0].length), indices(cells.length), shades);
    return chart;
  }

  private static List<Integer> indices(int count) {
    return IntStream.range(0, count).boxed().toList();
  }
}
