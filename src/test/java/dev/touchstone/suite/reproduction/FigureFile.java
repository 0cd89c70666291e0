package dev.touchstone.suite.reproduction;

import dev.touchstone.runtime.AtomicFile;
import dev.touchstone.suite.verdict.Drawing;
import io.qameta.allure.Allure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;

/** Where a figure goes: into a folder of the run's reports and into Allure. */
final class FigureFile {
  private FigureFile() {}

  /** Writes it aside, then moves it, attaches it, and lets the claims' pages know. */
  static Path keep(Suite suite, Drawing drawing, byte[] png) throws IOException {
    Path file = suite.reports().resolve(drawing.file());
    AtomicFile.write(file, png);
    suite.drawn(drawing);
    Allure.description(drawing.caption());
    Allure.addAttachment(drawing.file(), "image/png", new ByteArrayInputStream(png), ".png");
    return file;
  }
}
