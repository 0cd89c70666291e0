package dev.touchstone.suite.soak;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A program of the suite's in a Java of its own, so that what is counted is the program's. */
final class OwnProcess {
  private OwnProcess() {}

  /** Skips the running test where the system does not say what a process holds. */
  static void assumeTold() {
    assumeTrue(
        Files.isDirectory(Path.of("/proc/self/task")),
        "this system has no /proc, and only Linux's tells what a process holds and uses");
  }

  /**
   * Runs a program to its end.
   *
   * @param options of Java's
   * @return the lines it printed
   * @throws AssertionError with what it printed, when it does not end well
   */
  static List<String> run(Class<?> program, List<String> options, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        Stream.of(
                Stream.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-classpath",
                    System.getProperty("java.class.path")),
                options.stream(),
                Stream.of(program.getName()),
                Stream.of(arguments))
            .flatMap(part -> part)
            .toList();
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new AssertionError(
            "%s ended with %d:%n%s"
                .formatted(program.getSimpleName(), process.exitValue(), printed));
      }
      return printed.lines().toList();
    } finally {
      process.destroyForcibly();
    }
  }
}
