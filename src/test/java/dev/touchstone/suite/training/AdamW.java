package dev.touchstone.suite.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import java.util.List;

/**
 * AdamW (Loshchilov and Hutter 2019) with clipping by the global gradient norm. DJL's own optimizer
 * clips element by element and keeps its moments to itself, so a killed training could not resume.
 */
final class AdamW {
  private static final float BETA1 = 0.9f;
  private static final float BETA2 = 0.99f;
  private static final float EPSILON = 1e-8f;

  private final List<NDArray> weights;
  private final NDList firstMoments = new NDList();
  private final NDList secondMoments = new NDList();
  private final float decay;
  private final float largestNorm;

  /** Moments start at zero and live as long as {@code manager}. */
  AdamW(NDManager manager, List<NDArray> weights, float decay, float largestNorm) {
    this.weights = weights;
    this.decay = decay;
    this.largestNorm = largestNorm;
    for (NDArray weight : weights) {
      firstMoments.add(manager.zeros(weight.getShape()));
      secondMoments.add(manager.zeros(weight.getShape()));
    }
  }

  /**
   * One update from the gradients the weights hold, which are zero afterwards. Decay spares vectors
   * (biases, layer norms).
   *
   * @param update counted from 1, for the moments' bias correction
   * @return the gradients' norm before clipping
   */
  float step(int update, float learningRate) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDList squares = new NDList();
      for (NDArray weight : weights) {
        squares.add(weight.getGradient().square().sum());
      }
      float norm = (float) Math.sqrt(NDArrays.stack(squares).sum().getFloat());
      float clip = Math.min(1f, largestNorm / (norm + 1e-6f));
      float correction1 = 1f - (float) Math.pow(BETA1, update);
      float correction2 = 1f - (float) Math.pow(BETA2, update);
      for (int i = 0; i < weights.size(); i++) {
        NDArray weight = weights.get(i);
        NDArray gradient = weight.getGradient();
        NDArray clipped = gradient.mul(clip);
        NDArray first = firstMoments.get(i);
        NDArray second = secondMoments.get(i);
        first.muli(BETA1).addi(clipped.mul(1f - BETA1));
        second.muli(BETA2).addi(clipped.square().muli(1f - BETA2));
        NDArray direction =
            first.div(correction1).divi(second.div(correction2).sqrt().addi(EPSILON));
        if (weight.getShape().dimension() > 1) {
          weight.muli(1f - learningRate * decay);
        }
        weight.subi(direction.muli(learningRate));
        gradient.subi(gradient.duplicate());
      }
      return norm;
    }
  }

  /** Weights, first and second moments in this order: all that a resumed training needs. */
  NDList state() {
    NDList state = new NDList(weights.size() * 3);
    state.addAll(weights);
    state.addAll(firstMoments);
    state.addAll(secondMoments);
    return state;
  }

  /** Takes over what {@link #state()} gave. */
  void restore(NDList state) {
    NDList own = state();
    for (int i = 0; i < own.size(); i++) {
      Shape shape = own.get(i).getShape();
      if (!state.get(i).getShape().equals(shape)) {
        throw new IllegalArgumentException(
            "array "
                + i
                + " of the saved training is "
                + state.get(i).getShape()
                + ", not "
                + shape);
      }
      state.get(i).copyTo(own.get(i));
    }
  }
}
