package dev.touchstone.suite.figure;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * Heat maps in rows and columns under one scale of colours, which stands beside them. XChart has
 * one heat map a chart, each with a scale of its own.
 *
 * @param title above all
 * @param across what the columns of a map are
 * @param rows the maps, row by row; every row has as many
 * @param symmetric whether the scale is as long below 0 as above it; else it begins at 0
 */
public record Panels(String title, String across, List<List<Map>> rows, boolean symmetric) {
  private static final int SIDE = 250;
  private static final int GAP = 34;
  private static final int MARGIN = 60;
  private static final int SCALE = 110;
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
    int height = height();
    int width = MARGIN + columns * (SIDE + GAP) + SCALE;
    BufferedImage image =
        new BufferedImage(
            width, MARGIN + rows.size() * (height + GAP) + GAP, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    write(graphics, title, MARGIN, 28, Font.BOLD, 17);
    double end = rows.stream().flatMap(List::stream).mapToDouble(Map::largest).max().orElseThrow();
    for (int row = 0; row < rows.size(); row++) {
      for (int column = 0; column < columns; column++) {
        int x = MARGIN + column * (SIDE + GAP);
        int y = MARGIN + GAP / 2 + row * (height + GAP);
        draw(graphics, rows.get(row).get(column), x, y, height, end);
      }
    }
    write(graphics, across, MARGIN, image.getHeight() - 14, Font.PLAIN, 14);
    scale(graphics, width - SCALE + 10, MARGIN + GAP / 2, end);
    graphics.dispose();
    return image;
  }

  /** Square maps for square tables, flat ones for flat tables. */
  private int height() {
    double[][] cells = rows.get(0).get(0).cells();
    return cells.length == cells[0].length ? SIDE : Math.max(40, 34 * cells.length);
  }

  private void draw(Graphics2D graphics, Map map, int x, int y, int height, double end) {
    write(graphics, map.name(), x, y - 5, Font.PLAIN, 14);
    int down = map.cells().length;
    int over = map.cells()[0].length;
    for (int row = 0; row < down; row++) {
      for (int column = 0; column < over; column++) {
        graphics.setColor(colour(map.cells()[row][column] / end));
        int left = x + column * SIDE / over;
        int top = y + row * height / down;
        graphics.fillRect(
            left, top, x + (column + 1) * SIDE / over - left, y + (row + 1) * height / down - top);
      }
    }
    graphics.setColor(ChartStyle.GREY);
    graphics.setStroke(new BasicStroke(1));
    graphics.drawRect(x, y, SIDE, height);
  }

  private void scale(Graphics2D graphics, int x, int y, double end) {
    int length = Math.min(220, rows.size() * (height() + GAP) - GAP);
    for (int i = 0; i < length; i++) {
      double place = 1 - i / (double) (length - 1);
      graphics.setColor(colour(symmetric ? 2 * place - 1 : place));
      graphics.fillRect(x, y + i, 20, 1);
    }
    graphics.setColor(ChartStyle.GREY);
    graphics.drawRect(x, y, 20, length);
    write(graphics, number(end), x + 26, y + 12, Font.PLAIN, 13);
    write(graphics, symmetric ? number(-end) : "0", x + 26, y + length, Font.PLAIN, 13);
    if (symmetric) {
      write(graphics, "0", x + 26, y + length / 2 + 5, Font.PLAIN, 13);
    }
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2g", value);
  }

  private Color colour(double share) {
    double place = symmetric ? (share + 1) / 2 : Math.abs(share);
    Color[] colours = symmetric ? DIVERGING : SEQUENTIAL;
    double at = Math.max(0, Math.min(1, place)) * (colours.length - 1);
    int below = Math.min((int) at, colours.length - 2);
    double rest = at - below;
    Color from = colours[below];
    Color to = colours[below + 1];
    return new Color(
        between(from.getRed(), to.getRed(), rest),
        between(from.getGreen(), to.getGreen(), rest),
        between(from.getBlue(), to.getBlue(), rest));
  }

  private static int between(int from, int to, double share) {
    return (int) Math.round(from + share * (to - from));
  }

  static void write(Graphics2D graphics, String text, int x, int y, int style, int size) {
    graphics.setColor(Color.BLACK);
    graphics.setFont(new Font(Font.SANS_SERIF, style, size));
    graphics.drawString(text, x, y);
  }
}
