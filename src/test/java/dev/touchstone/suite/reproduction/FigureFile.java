package dev.touchstone.suite.reproduction;

import dev.touchstone.runtime.AtomicFile;
import io.qameta.allure.Allure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;

/** Where a figure goes: into a folder of the run's reports and into Allure. */
final class FigureFile {
  private FigureFile() {}

  /** Writes it aside, then moves it, and attaches it. */
  static Path keep(Path folder, String name, String caption, byte[] png) throws IOException {
    Path file = folder.resolve(name + ".png");
    AtomicFile.write(file, png);
    Allure.description(caption);
    Allure.addAttachment(name, "image/png", new ByteArrayInputStream(png), ".png");
    return file;
  }
}
