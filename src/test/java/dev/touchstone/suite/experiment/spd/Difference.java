package dev.touchstone.suite.experiment.spd;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/** How far an array is from the one it should be. */
public final class Difference {
  private Difference() {}

  /** The largest absolute difference of two numbers in the same place; NaN counts as infinite. */
  public static double largest(NDArray seen, NDArray expected) {
    return largest(numbers(seen), numbers(expected));
  }

  /** The same of numbers worked out by hand, row by row. */
  public static double largest(NDArray seen, double[] expected) {
    return largest(numbers(seen), expected);
  }

  private static double largest(double[] seen, double[] expected) {
    requireAsMany(seen, expected);
    double largest = 0;
    for (int i = 0; i < seen.length; i++) {
      double difference = Math.abs(seen[i] - expected[i]);
      largest = Math.max(largest, Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference);
    }
    return largest;
  }

  /** The norm of the difference over the norm of what is expected. */
  public static double relative(NDArray seen, NDArray expected) {
    return relative(seen, numbers(expected));
  }

  /** The same of numbers worked out by hand, row by row. */
  public static double relative(NDArray seen, double[] expected) {
    double[] numbers = numbers(seen);
    requireAsMany(numbers, expected);
    double difference = 0;
    double size = 0;
    for (int i = 0; i < numbers.length; i++) {
      difference += (numbers[i] - expected[i]) * (numbers[i] - expected[i]);
      size += expected[i] * expected[i];
    }
    return Math.sqrt(difference / size);
  }

  /** How many numbers are not the same bit for bit. */
  public static int differingBits(NDArray one, NDArray other) {
    float[] first = one.toFloatArray();
    float[] second = other.toFloatArray();
    if (first.length != second.length) {
      throw new IllegalArgumentException(
          one.getShape() + " cannot be held against " + other.getShape());
    }
    int differing = 0;
    for (int i = 0; i < first.length; i++) {
      if (Float.floatToRawIntBits(first[i]) != Float.floatToRawIntBits(second[i])) {
        differing++;
      }
    }
    return differing;
  }

  private static void requireAsMany(double[] seen, double[] expected) {
    if (seen.length != expected.length) {
      throw new IllegalArgumentException(
          seen.length + " numbers cannot be held against " + expected.length);
    }
  }

  private static double[] numbers(NDArray array) {
    return array.toType(DataType.FLOAT64, false).toDoubleArray();
  }
}
