package dev.touchstone.suite.subject;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.touchstone.measurement.CrossEntropy;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Gpt2;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.WeightProcessing;
import dev.touchstone.tensor.Compute;
import dev.touchstone.tensor.Scope;
import java.util.List;
import java.util.Locale;

/**
 * Whether the file, the loading and the forward pass together are GPT-2 small, before anything is
 * judged on them: the loss of a short text is known from TransformerLens's own test suite.
 */
final class Gpt2SelfCheck {
  /** {@code <|endoftext|>Hello world!} */
  private static final int[] TEXT = {50256, 15496, 995, 0};

  private static final double LOSS = 5.331855773925781;
  private static final double TOLERANCE = 1e-4;

  private Gpt2SelfCheck() {}

  /**
   * Computes the loss and compares it.
   *
   * @throws IllegalStateException when it is another: then every measurement of GPT-2 fails
   */
  static void check(Checkpoint checkpoint, Compute compute) {
    double loss = loss(checkpoint, compute);
    if (!(Math.abs(loss - LOSS) <= TOLERANCE)) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "%s gives a loss of %.6f nats on \"<|endoftext|>Hello world!\" where GPT-2 small"
                  + " gives %.6f, so what is measured here is not GPT-2: try another device, for"
                  + " instance -Dtouchstone.device=cpu",
              checkpoint.path(),
              loss,
              LOSS));
    }
  }

  private static double loss(Checkpoint checkpoint, Compute compute) {
    try (NDManager manager = compute.newManager();
        Gpt2 model = Gpt2.load(checkpoint, WeightProcessing.TRANSFORMER_LENS, manager)) {
      return Scope.measure(
          () -> {
            NDArray ids = Gpt2.ids(manager, List.of(TEXT));
            NDArray end = model.blocks(model.embed(ids, 0), 0, Hooks.NONE);
            var sum = CrossEntropy.perChunk(model, end, List.of(TEXT)).get(0);
            return sum.sum() / sum.count();
          });
    }
  }
}
