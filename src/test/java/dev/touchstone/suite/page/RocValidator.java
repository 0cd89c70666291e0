package dev.touchstone.suite.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.touchstone.runtime.AtomicFile;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;

/**
 * CRS4's rocrate-validator in a virtual environment of its own, which Python's pip fills once from
 * {@code src/test/resources/crate/requirements.txt}. It validates without a network.
 *
 * @param python the environment's
 */
record RocValidator(Path python) {
  private static final boolean WINDOWS = File.separatorChar == '\\';
  private static final Path RESOURCES = Path.of("src/test/resources/crate");
  private static final Path HOME = Path.of("target/crate");

  /** Whether an address answers, which it cannot tell without a network. */
  private static final String IN_REACH = "ro-crate-1.1_28.1";

  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /**
   * What it finds wrong.
   *
   * @param severity REQUIRED or RECOMMENDED
   */
  record Issue(String severity, String message) {}

  /**
   * The validator, installed unless it was.
   *
   * @throws TestAbortedException when Python, its module venv, pip or the package index is missing
   */
  static RocValidator installed() throws IOException, InterruptedException {
    Path python = HOME.resolve(WINDOWS ? "Scripts/python.exe" : "bin/python").toAbsolutePath();
    Path requirements = RESOURCES.resolve("requirements.txt");
    Path installed = HOME.resolve("installed.txt");
    if (!Files.exists(installed) || Files.mismatch(requirements, installed) >= 0) {
      prepare(WINDOWS ? "python" : "python3", "-m", "venv", "--clear", HOME.toString());
      prepare(
          python.toString(),
          "-m",
          "pip",
          "install",
          "--quiet",
          "--disable-pip-version-check",
          "--retries=1",
          "--timeout=15",
          "--requirement",
          requirements.toString());
      AtomicFile.write(installed, Files.readString(requirements));
    }
    return new RocValidator(python);
  }

  /** All it finds wrong in a folder or a zip, the required first. */
  List<Issue> issues(Path crate) throws IOException, InterruptedException {
    Path report = Files.createTempFile(HOME, "report", ".json");
    try {
      Ended ended =
          run(
              List.of(
                  python.toString(),
                  RESOURCES.resolve("validate.py").toString(),
                  crate.toString(),
                  "--profile-identifier=process-run-crate",
                  "--requirement-severity=RECOMMENDED",
                  "--skip-checks=" + IN_REACH,
                  "--output-format=json",
                  "--output-file=" + report));
      JsonNode said = new ObjectMapper().readTree(report.toFile());
      if (!said.path("passed").isBoolean()) {
        throw new IOException("rocrate-validator ended without a report: " + ended.said());
      }
      List<Issue> issues = new ArrayList<>();
      for (JsonNode issue : said.path("issues")) {
        issues.add(new Issue(issue.get("severity").asText(), issue.get("message").asText()));
      }
      return issues;
    } finally {
      Files.delete(report);
    }
  }

  private static void prepare(String... command) throws IOException, InterruptedException {
    String said;
    try {
      Ended ended = run(List.of(command));
      if (ended.status() == 0) {
        return;
      }
      said = ended.said();
    } catch (IOException e) {
      said = e.getMessage();
    }
    throw new TestAbortedException(
        ("No validator read the RO-Crate, since \"%s\" failed: %s. It takes Python 3.10 or newer with"
                + " venv (on Debian: apt-get install python3-venv) and, once, Python's package index.")
            .formatted(String.join(" ", command), said.strip().replaceFirst("(?s).*\n", "")));
  }

  /**
   * What became of a process.
   *
   * @param said all it printed
   */
  private record Ended(int status, String said) {}

  private static Ended run(List<String> command) throws IOException, InterruptedException {
    Path said = Files.createTempFile("touchstone", ".txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(Redirect.to(said.toFile()))
              .start();
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
        return new Ended(-1, "not done after %d minutes".formatted(PATIENCE.toMinutes()));
      }
      return new Ended(process.exitValue(), Files.readString(said));
    } finally {
      Files.delete(said);
    }
  }
}
