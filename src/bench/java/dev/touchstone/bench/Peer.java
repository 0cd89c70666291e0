package dev.touchstone.bench;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.touchstone.laboratory.Subject;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * TransformerLens in a process of its own, {@code golden/oracle/benchmark.py}, which computes when
 * it is asked and waits in between.
 */
final class Peer implements AutoCloseable {
  private static final String SCRIPT = "golden/oracle/benchmark.py";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter questions;
  private final JsonNode description;

  /**
   * What it says to a question.
   *
   * @param seconds that all interventions took
   * @param losses of each intervention the sum of each chunk
   * @param products seconds of a matrix product, one by one
   * @param peak the most memory so far, in MB of 2^20 bytes
   */
  record Answer(double seconds, List<List<Double>> losses, List<Double> products, double peak) {
    private static Answer of(JsonNode answer) {
      return new Answer(
          answer.get("seconds").asDouble(),
          JSON.convertValue(answer.get("losses"), new TypeReference<>() {}),
          JSON.convertValue(answer.get("matrix_products"), new TypeReference<>() {}),
          answer.get("peak_mb").asDouble());
    }
  }

  private Peer(Process process) throws IOException {
    this.process = process;
    answers = process.inputReader();
    questions = process.outputWriter();
    description = heard();
  }

  /**
   * Starts it and waits until it has loaded the checkpoint.
   *
   * @param asOurs whether it allocates memory as this process is told to; else the variables that
   *     say so are taken from it
   * @throws IOException when it ends instead, having said why on standard error
   */
  static Peer start(Path python, Subject subject, boolean asOurs) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                python.toString(),
                SCRIPT,
                "--model",
                subject.checkpoint().path().toString(),
                "--heads",
                Integer.toString(subject.config().heads()),
                "--threads",
                Integer.toString(subject.compute().threads()))
            .redirectError(Redirect.INHERIT);
    if (!asOurs) {
      Map<String, String> environment = builder.environment();
      environment.keySet().removeAll(Machine.deciding(environment).keySet());
    }
    return new Peer(builder.start());
  }

  /** The versions that it has, and its threads. */
  JsonNode description() {
    return description;
  }

  /**
   * Has it compute.
   *
   * @throws IOException when it ends instead
   */
  Answer ask(List<int[]> chunks, List<String> interventions) throws IOException {
    questions.write(
        JSON.writeValueAsString(Map.of("chunks", chunks, "interventions", interventions)));
    questions.newLine();
    questions.flush();
    return Answer.of(heard());
  }

  private JsonNode heard() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException(SCRIPT + " ended without an answer; what it says stands above");
    }
    return JSON.readTree(line);
  }

  @Override
  public void close() throws IOException {
    try {
      questions.close();
    } finally {
      process.destroy();
    }
  }
}
