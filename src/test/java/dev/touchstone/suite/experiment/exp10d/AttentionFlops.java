package dev.touchstone.suite.experiment.exp10d;

/**
 * Counts of floating-point operations of attention, by the reports' formulas (docs/protocol.md,
 * "10L", "P1" and "P3"): in part P a head costs 4 n^2 d + 5 n^2 under softmax over n tokens and 6 n
 * d^2 as a kernel, which part P assumes a linearized head could be.
 *
 * @param heads all heads
 * @param headWidth d
 */
public record AttentionFlops(int heads, int headWidth) {
  /** exp10, 10L: one head over {@code n} tokens as a kernel, 6 n d^2. */
  public double kernelHead(int n) {
    return 6.0 * n * headWidth * headWidth;
  }

  /** How many times faster attention over {@code n} tokens is with some heads as kernels. */
  public double speedUp(int linearized, int n) {
    double softmax = 4.0 * n * n * headWidth + 5.0 * n * n;
    return heads * softmax / ((heads - linearized) * softmax + linearized * kernelHead(n));
  }

  /** What generating one token at sequence length {@code s} costs, relative to all-softmax. */
  public double perTokenRatio(int linearized, int s) {
    double softmax = 4.0 * s * headWidth + 5.0 * s;
    double kernel = 6.0 * headWidth * headWidth;
    return ((heads - linearized) * softmax + linearized * kernel) / (heads * softmax);
  }

  /** How many tokens more than {@code tokens} the same operations generate. */
  public int extraTokens(int linearized, int prompt, int tokens) {
    return (int) Math.floor(tokens / perTokenRatio(linearized, prompt + tokens / 2)) - tokens;
  }
}
