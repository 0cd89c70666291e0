package dev.touchstone.suite.verdict;

import dev.touchstone.suite.observation.Losses;
import dev.touchstone.suite.observation.Observatory;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Where a run measures.
 *
 * @param device {@code cpu}, {@code gpu0}, {@code mps}
 * @param observatory what can be observed
 * @param subjectHash of a subject's bytes, by its name; empty where none is at hand
 * @param losses how many losses were measured and taken from the record so far
 * @param provenance what verdicts depend on besides
 */
public record Environment(
    String device,
    Observatory observatory,
    Function<String, String> subjectHash,
    Supplier<Losses> losses,
    Provenance provenance) {
  private static final double CPU_SLACK = 1e-5;
  private static final double ACCELERATOR_SLACK = 1e-4;

  /** The same where something else is observed, of which no hash is known. */
  public Environment observing(Observatory other) {
    return new Environment(device, other, subject -> "", losses, provenance);
  }

  /** Float error of a perplexity on the device, relative to it. */
  public double relativeSlack() {
    return relativeSlack(device);
  }

  /** The same of any device. */
  public static double relativeSlack(String device) {
    return device.startsWith("cpu") ? CPU_SLACK : ACCELERATOR_SLACK;
  }
}
