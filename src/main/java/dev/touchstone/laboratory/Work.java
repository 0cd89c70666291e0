package dev.touchstone.laboratory;

import dev.touchstone.intervention.Intervention;
import dev.touchstone.model.Gpt2Config;

/**
 * What measuring takes.
 *
 * @param passes of a chunk through a model, whole or from some layer on
 * @param gflop the products in them, in 10^9 multiplications and additions: of each token 24 d^2 a
 *     block where d_mlp is 4 d, 4 n d for its attention over n positions, and 2 d times the
 *     vocabulary for its logits
 */
public record Work(long passes, double gflop) {
  /** Nothing to do. */
  public static final Work NONE = new Work(0, 0);

  private static final double GIGA = 1e9;

  /** Passes of chunks from a layer on, with the loss of every token but the first. */
  public static Work ofLosses(Gpt2Config config, int first, int chunks, int length) {
    Work blocks = ofBlocks(config, chunks, length);
    double skipped = (double) first / config.layers();
    double logits = (double) chunks * (length - 1) * ofLogits(config) / GIGA;
    return new Work(chunks, blocks.gflop * (1 - skipped) + logits);
  }

  /** The same under an intervention; one that changes nothing takes a whole pass. */
  public static Work ofLosses(
      Gpt2Config config, Intervention intervention, int chunks, int length) {
    int first = intervention.firstLayer();
    return ofLosses(config, first < config.layers() ? first : 0, chunks, length);
  }

  /** Passes of chunks through all blocks, without logits. */
  public static Work ofBlocks(Gpt2Config config, int chunks, int length) {
    double tokens = (double) chunks * length;
    return new Work(chunks, tokens * config.layers() * ofBlock(config, length) / GIGA);
  }

  /**
   * Passes of chunks for each head by itself: whole ones before every step and after the last, and
   * for each step one back from the loss to the head's layer, which takes as much as one forward.
   * Heads that are fitted side by side share what lies below them, which is counted all the same.
   */
  static Work ofDescents(Gpt2Config config, int chunks, int length, int steps) {
    Work whole = ofLosses(config, 0, chunks, length);
    Work all = NONE;
    for (int layer = 0; layer < config.layers(); layer++) {
      Work back = ofLosses(config, layer, chunks, length);
      all = all.plus(whole.times(steps + 1L)).plus(back.times(steps));
    }
    return all.times(config.heads());
  }

  private Work times(long count) {
    return new Work(passes * count, gflop * count);
  }

  /** Continuations of prompts, drawn and then scored; none counts as a pass. */
  static Work ofCandidates(Gpt2Config config, Candidates wanted, int prompts, int length) {
    double tokens = 2.0 * prompts * wanted.copies() * wanted.tokens();
    double blocks = tokens + 2.0 * prompts * length;
    double flop =
        blocks * config.layers() * ofBlock(config, length + wanted.tokens())
            + tokens * ofLogits(config);
    return new Work(0, flop / GIGA);
  }

  /** A token's, in flop. */
  private static double ofBlock(Gpt2Config config, int positions) {
    double width = config.width();
    return 2 * (4 * width * width + 2 * width * config.mlpWidth()) + 4 * width * positions;
  }

  private static double ofLogits(Gpt2Config config) {
    return 2.0 * config.width() * config.vocabulary();
  }

  /** Both. */
  public Work plus(Work other) {
    return new Work(passes + other.passes, gflop + other.gflop);
  }

  /** What is left of it without {@code other}. */
  public Work minus(Work other) {
    return new Work(passes - other.passes, gflop - other.gflop);
  }
}
