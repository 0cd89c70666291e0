package dev.touchstone.bench;

import dev.touchstone.corpus.Chunks;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.laboratory.Laboratory;
import dev.touchstone.laboratory.Subject;
import dev.touchstone.statistics.LossSum;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Interventions by a laboratory that has measured nothing before, and leaves nothing. */
record Sweeps(Subject subject, Chunks chunks) {
  /** What they gave, and how long it took with the means that they need. */
  record Timed(double seconds, Map<Intervention, List<LossSum>> losses) {}

  /** What is done with a laboratory. */
  interface Measuring<T> {
    T with(Laboratory laboratory, Path record) throws Exception;
  }

  /** Opens an empty laboratory for a while. */
  <T> T inEmptyLaboratory(Measuring<T> measuring) throws Exception {
    Path folder = Files.createTempDirectory("touchstone-bench");
    Path record = folder.resolve("laboratory.sqlite");
    try (Laboratory laboratory = Laboratory.at(record)) {
      return measuring.with(laboratory, record);
    } finally {
      delete(folder);
    }
  }

  /** Measures in an empty laboratory. */
  Timed anew(List<Intervention> interventions) throws Exception {
    return inEmptyLaboratory((laboratory, record) -> by(laboratory, interventions));
  }

  /** Measures what a laboratory has not measured. */
  Timed by(Laboratory laboratory, List<Intervention> interventions) {
    long start = System.nanoTime();
    var losses = laboratory.losses(subject, chunks, interventions, Materials.NONE);
    return new Timed((System.nanoTime() - start) / 1e9, losses);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
