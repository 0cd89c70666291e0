package dev.touchstone.laboratory;

import dev.touchstone.intervention.Intervention;
import dev.touchstone.model.Decoding.Sampling;
import java.io.Serializable;

/**
 * Continuations to choose the best of.
 *
 * @param copies for each prompt
 * @param tokens in each
 * @param temperature of the sampling
 */
public record Candidates(int copies, int tokens, double temperature) implements Serializable {
  /** Every condition draws by itself, so that two of them are independent samples. */
  Sampling sampling(Intervention intervention, int seed) {
    return new Sampling(temperature, (long) intervention.toString().hashCode() << 32 | seed);
  }
}
