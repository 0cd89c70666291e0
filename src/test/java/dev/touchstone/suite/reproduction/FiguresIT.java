package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.touchstone.corpus.Unavailable;
import dev.touchstone.suite.figure.Exp06Figures;
import dev.touchstone.suite.figure.Exp07Figures;
import dev.touchstone.suite.figure.Exp10Figures;
import dev.touchstone.suite.figure.Figure;
import dev.touchstone.suite.figure.GenerationFigures;
import dev.touchstone.suite.verdict.Drawing;
import io.qameta.allure.Epic;
import java.awt.GraphicsEnvironment;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.opentest4j.TestAbortedException;

/** The figures, of every subject that is here: in {@code reports/figures} and in Allure. */
@Tag("figures")
@Epic("Figures")
@ExtendWith(Fixtures.class)
class FiguresIT {
  /** A figure of a subject, and the suite that measures it. */
  record Case(String subject, Figure figure, Suite suite) {
    @Override
    public String toString() {
      return subject + ": " + figure;
    }
  }

  /** Every figure of every subject. */
  static Stream<Case> isDrawn(Suite suite) {
    List<Figure> figures =
        Stream.of(
                Exp06Figures.all(), Exp07Figures.all(), Exp10Figures.all(), GenerationFigures.all())
            .flatMap(List::stream)
            .toList();
    return suite
        .subjects()
        .flatMap(subject -> figures.stream().map(figure -> new Case(subject, figure, suite)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void isDrawn(Case drawn) throws IOException {
    byte[] png = png(drawn);
    Path file =
        FigureFile.keep(
            drawn.suite(),
            new Drawing(
                drawn.subject(),
                "figures/%s-%s.png".formatted(drawn.subject(), drawn.figure().name()),
                drawn.figure().caption(),
                drawn.figure().report(),
                drawn.figure().parts()),
            png);

    BufferedImage image = ImageIO.read(file.toFile());
    assertThat(colours(image)).as("colours in " + file).isGreaterThan(3);
  }

  static byte[] png(Case drawn) throws IOException {
    if (GraphicsEnvironment.getLocalGraphicsEnvironment().getAvailableFontFamilyNames().length
        == 0) {
      throw new TestAbortedException("no fonts are installed here, and a figure needs one");
    }
    try {
      return BitmapEncoder.getBitmapBytes(
          drawn.figure().drawing().apply(drawn.suite().shown(drawn.subject())), BitmapFormat.PNG);
    } catch (Unavailable e) {
      throw new TestAbortedException(e.getMessage());
    }
  }

  private static long colours(BufferedImage image) {
    return Arrays.stream(
            image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth()))
        .distinct()
        .count();
  }
}
