package dev.touchstone.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What a run of the benchmark measures.
 *
 * @param extent which interventions the sweep has: {@code bench.sweep}
 * @param chunks how many chunks of 1024 random tokens: {@code bench.chunks}
 * @param windows how often each part is timed: {@code bench.windows}
 * @param rounds how often Touchstone and TransformerLens take turns: {@code bench.rounds}
 * @param peer the Python that has TransformerLens, {@code bench.peer}; without it TransformerLens
 *     is not measured
 * @param folder where a run finds {@code gpt2/model.safetensors}, or else writes one of random
 *     weights for the next run too: {@code bench.folder}
 * @param out the JSON file: {@code bench.out}
 */
record Settings(
    Extent extent,
    int chunks,
    int windows,
    int rounds,
    Optional<Path> peer,
    Path folder,
    Path out) {
  /**
   * The settings that system properties make.
   *
   * @throws IllegalArgumentException when one says nothing that can be measured
   */
  static Settings of(UnaryOperator<String> property) {
    return new Settings(
        Extent.named(property.apply("bench.sweep")),
        number(property, "bench.chunks"),
        number(property, "bench.windows"),
        number(property, "bench.rounds"),
        Optional.of(property.apply("bench.peer"))
            .filter(path -> !path.isBlank())
            .map(Settings::python),
        Path.of(property.apply("bench.folder")),
        Path.of(property.apply("bench.out")));
  }

  private static int number(UnaryOperator<String> property, String name) {
    String given = property.apply(name);
    if (!given.matches("[1-9][0-9]{0,3}")) {
      throw new IllegalArgumentException(
          name + " is \"" + given + "\"; give a number from 1 to 9999");
    }
    return Integer.parseInt(given);
  }

  private static Path python(String path) {
    if (!Files.isExecutable(Path.of(path))) {
      throw new IllegalArgumentException(
          "bench.peer names "
              + path
              + ", which cannot be run; name the Python of an environment with what"
              + " golden/oracle/requirements.txt lists, such as VENV/bin/python");
    }
    return Path.of(path).toAbsolutePath();
  }
}
