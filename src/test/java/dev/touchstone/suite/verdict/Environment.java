package dev.touchstone.suite.verdict;

import dev.touchstone.suite.observation.Losses;
import dev.touchstone.suite.observation.Observatory;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Where a run measures.
 *
 * @param device {@code cpu}, {@code gpu0}, {@code mps}
 * @param relativeSlack float error of a perplexity on the device, relative to it, that tolerances
 *     allow
 * @param observatory what can be observed
 * @param subjectHash of a subject's bytes, by its name; empty where none is at hand
 * @param losses how many losses were measured and taken from the record so far
 * @param provenance what verdicts depend on besides
 */
public record Environment(
    String device,
    double relativeSlack,
    Observatory observatory,
    Function<String, String> subjectHash,
    Supplier<Losses> losses,
    Provenance provenance) {
  /** The same where something else is observed, of which no hash is known. */
  public Environment observing(Observatory other) {
    return new Environment(device, relativeSlack, other, subject -> "", losses, provenance);
  }
}
