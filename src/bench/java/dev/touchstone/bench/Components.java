package dev.touchstone.bench;

import dev.touchstone.decomposition.Pca;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The principal components of as many rows as exp07 takes of a layer's writes. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 1)
public class Components {
  private static final int SEED = 12;
  private static final int ROWS = 12_000;
  private static final int WIDTH = 768;

  private double[][] rows;

  /** Draws the rows, uniform and independent. */
  @Setup
  public void draw() {
    Random random = new Random(SEED);
    rows =
        IntStream.range(0, ROWS)
            .mapToObj(row -> random.doubles(WIDTH).map(each -> each - 0.5).toArray())
            .toArray(double[][]::new);
  }

  /** All of their components. */
  @Benchmark
  public Pca components() {
    return Pca.of(rows);
  }
}
