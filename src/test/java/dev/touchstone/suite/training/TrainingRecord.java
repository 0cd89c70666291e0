package dev.touchstone.suite.training;

import ai.djl.engine.Engine;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.touchstone.runtime.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** What a training leaves beside its weights. */
final class TrainingRecord {
  private static final ObjectMapper JSON = new ObjectMapper();

  private TrainingRecord() {}

  /** The engine that trained, by name and version. */
  static String engine() {
    return Engine.getInstance().getEngineName() + " " + Engine.getInstance().getVersion();
  }

  /** Writes a record. */
  static void write(Path file, Map<String, Object> content) throws IOException {
    AtomicFile.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(content));
  }
}
