package dev.touchstone.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Random;
import java.util.function.DoubleSupplier;

/**
 * Random arrays that are the same wherever the same seed draws them in the same order; the engine's
 * own generator belongs to the whole process and differs between devices.
 */
public final class SeededArrays {
  private final Random random;

  /** A source of its own. */
  public SeededArrays(long seed) {
    random = new Random(seed);
  }

  /** Uniform on [0, 1). */
  public NDArray uniform(NDManager manager, Shape shape) {
    return array(manager, shape, random::nextFloat);
  }

  /** 0 or 1, as likely. */
  public NDArray binomial(NDManager manager, Shape shape) {
    return array(manager, shape, () -> random.nextBoolean() ? 1 : 0);
  }

  /** Normal with mean 0. */
  public NDArray normal(NDManager manager, Shape shape, double deviation) {
    return array(manager, shape, () -> deviation * random.nextGaussian());
  }

  /** Whole numbers from 0 to below {@code bound}, int64. */
  public NDArray integers(NDManager manager, Shape shape, int bound) {
    long[] values = new long[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(bound);
    }
    try (NDArray borrowed = manager.create(values, shape)) {
      return borrowed.duplicate();
    }
  }

  private static NDArray array(NDManager manager, Shape shape, DoubleSupplier next) {
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) next.getAsDouble();
    }
    // A created array borrows Java's memory, which autograd may read when Java has freed it.
    try (NDArray borrowed = manager.create(values, shape)) {
      return borrowed.duplicate();
    }
  }
}
