package dev.touchstone.suite.figure;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * A table of words as a picture.
 *
 * @param title above it
 * @param header the columns' names
 * @param rows cells, as many a row
 */
public record TextTable(String title, List<String> header, List<Row> rows) {
  private static final int LINE = 24;
  private static final int COLUMN = 190;
  private static final int MARGIN = 24;

  /** A row, set off by its ground where it is to be noticed. */
  public record Row(List<String> cells, boolean noticed) {}

  /** The picture. */
  public BufferedImage draw() {
    BufferedImage image =
        new BufferedImage(
            2 * MARGIN + header.size() * COLUMN,
            2 * MARGIN + (rows.size() + 2) * LINE,
            BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    write(graphics, title, MARGIN, MARGIN, Font.BOLD, 16);
    line(graphics, header, 1, Font.BOLD);
    for (int row = 0; row < rows.size(); row++) {
      if (rows.get(row).noticed()) {
        graphics.setColor(new Color(0xFDDBC7));
        graphics.fillRect(
            MARGIN - 6, MARGIN + (row + 2) * LINE - 17, image.getWidth() - 2 * MARGIN, LINE);
      }
      line(graphics, rows.get(row).cells(), row + 2, Font.PLAIN);
    }
    graphics.dispose();
    return image;
  }

  private static void line(Graphics2D graphics, List<String> cells, int at, int style) {
    for (int column = 0; column < cells.size(); column++) {
      write(graphics, cells.get(column), MARGIN + column * COLUMN, MARGIN + at * LINE, style, 14);
    }
  }

  private static void write(Graphics2D graphics, String text, int x, int y, int style, int size) {
    graphics.setColor(Color.BLACK);
    graphics.setFont(new Font(Font.SANS_SERIF, style, size));
    graphics.drawString(text, x, y);
  }
}
