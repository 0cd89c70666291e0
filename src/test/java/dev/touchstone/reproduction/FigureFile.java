package dev.touchstone.reproduction;

import io.qameta.allure.Allure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Where a figure goes: into a folder of the run's reports and into Allure. */
final class FigureFile {
  private FigureFile() {}

  /** Writes it aside, then moves it, and attaches it. */
  static Path keep(Path folder, String name, String caption, byte[] png) throws IOException {
    Path file = Files.createDirectories(folder).resolve(name + ".png");
    Path aside = file.resolveSibling(file.getFileName() + ".part");
    Files.write(aside, png);
    Files.move(aside, file, StandardCopyOption.REPLACE_EXISTING);
    Allure.description(caption);
    Allure.addAttachment(name, "image/png", new ByteArrayInputStream(png), ".png");
    return file;
  }
}
