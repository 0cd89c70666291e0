package dev.touchstone.suite.training;

import ai.djl.engine.Engine;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/** What a training leaves beside its weights. */
final class TrainingRecord {
  private static final ObjectMapper JSON = new ObjectMapper();

  private TrainingRecord() {}

  /** The engine that trained, by name and version. */
  static String engine() {
    return Engine.getInstance().getEngineName() + " " + Engine.getInstance().getVersion();
  }

  /** Writes aside, then moves. */
  static void write(Path file, Map<String, Object> content) throws IOException {
    Path aside = file.resolveSibling(file.getFileName() + ".part");
    JSON.writerWithDefaultPrettyPrinter().writeValue(aside.toFile(), content);
    Files.move(aside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}
