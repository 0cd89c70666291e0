package dev.touchstone.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.tensor.Compute;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The largest matrix product of a block over two chunks, alone: what the machine can do at best.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(time = 1)
public class MatrixProduct {
  static final int ROWS = 2048;
  static final int INNER = 768;
  static final int COLUMNS = 3072;
  static final double GFLOP = 2e-9 * ROWS * INNER * COLUMNS;

  private NDManager manager;
  private NDArray left;
  private NDArray right;

  /** Fills both matrices. */
  @Setup
  public void fill() {
    manager = Compute.fromProperties().newManager();
    left = manager.randomNormal(new Shape(ROWS, INNER));
    right = manager.randomNormal(new Shape(INNER, COLUMNS));
  }

  /** One product, whose memory is freed. */
  @Benchmark
  public Shape product() {
    try (NDArray product = left.matMul(right)) {
      return product.getShape();
    }
  }

  /** Frees both matrices. */
  @TearDown
  public void close() {
    manager.close();
  }
}
