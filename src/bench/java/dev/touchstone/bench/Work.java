package dev.touchstone.bench;

import dev.touchstone.intervention.Intervention;
import dev.touchstone.model.Gpt2Config;

/**
 * What a pass over one chunk computes in matrix products, in GFLOP: two operations for a
 * multiplication and its addition. Attention is counted whole, with the future keys whose weight is
 * 0; a pass that skips them does less than is counted.
 *
 * @param length the chunk's tokens
 */
record Work(Gpt2Config config, int length) {
  private static final double GIGA = 1e9;

  /** One block: 17.7 for GPT-2 small's whole context. */
  double block() {
    double width = config.width();
    double weights = width * (4 * width + 2 * config.mlpWidth());
    double attention = 2 * width * length;
    return 2 * length * (weights + attention) / GIGA;
  }

  /** The logits that the loss of all tokens but the first takes: 79. */
  double loss() {
    return 2.0 * (length - 1) * config.width() * config.vocabulary() / GIGA;
  }

  /**
   * From the first layer that an intervention changes to the loss; the baseline is a whole pass.
   */
  double pass(Intervention intervention) {
    int first = intervention.firstLayer();
    int shared = first < config.layers() ? first : 0;
    return block() * (config.layers() - shared) + loss();
  }
}
