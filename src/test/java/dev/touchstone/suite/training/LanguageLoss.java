package dev.touchstone.suite.training;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.training.GradientCollector;
import java.util.function.UnaryOperator;

/**
 * The mean loss in nats of predicting each window's next tokens.
 *
 * @param manager where batches are made
 * @param logits of token ids [window, position], [window, position, vocabulary]
 */
record LanguageLoss(NDManager manager, UnaryOperator<NDArray> logits) {
  /**
   * Leaves the weights' gradients of one batch.
   *
   * @param step what to call it should it fail
   * @return the loss
   */
  double backward(TokenWindows text, int[] starts, int step) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray ids = text.ids(manager, starts, 0);
      NDArray targets = text.ids(manager, starts, 1);
      double loss;
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray result = mean(ids, targets);
        collector.backward(result);
        loss = result.getFloat();
      }
      if (!Double.isFinite(loss)) {
        throw new IllegalStateException("the loss of step " + step + " is " + loss);
      }
      return loss;
    }
  }

  /** Over a text cut into windows, each predicting its tokens but the first. */
  double over(TokenWindows text, int batch) {
    double sum = 0;
    int batches = 0;
    for (int[] starts : text.inOrder(batch)) {
      try (NDScope scope = new NDScope()) {
        scope.suppressNotUsedWarning();
        sum += mean(text.ids(manager, starts, 0), text.ids(manager, starts, 1)).getFloat();
        batches++;
      }
    }
    return sum / batches;
  }

  /** Of token ids and of those after them, [window, position] both. */
  private NDArray mean(NDArray ids, NDArray targets) {
    NDArray each = logits.apply(ids); // [window, position, vocabulary]
    return each.reshape(ids.size(), -1)
        .logSoftmax(1)
        .gather(targets.reshape(-1, 1), 1)
        .mean()
        .neg();
  }
}
