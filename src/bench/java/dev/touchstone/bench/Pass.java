package dev.touchstone.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.measurement.CrossEntropy;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Gpt2;
import dev.touchstone.model.Hooks;
import dev.touchstone.model.WeightProcessing;
import dev.touchstone.statistics.LossSum;
import dev.touchstone.tensor.Compute;
import dev.touchstone.tensor.Scope;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The two parts of an unmodified pass that take nearly all of its time. */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(time = 2)
public class Pass {
  private static final int LAYER = 6;

  /** The checkpoint's file. */
  @Param("")
  public String checkpoint;

  /** How many chunks. */
  @Param("2")
  public int chunks;

  private NDManager manager;
  private Gpt2 model;
  private List<int[]> tokens;
  private NDArray entering;
  private NDArray leaving;

  /** Computes the streams that enter a block in the middle, and the unembedding. */
  @Setup
  public void load() {
    manager = Compute.fromProperties().newManager();
    model =
        Gpt2.load(Checkpoint.open(Path.of(checkpoint)), WeightProcessing.TRANSFORMER_LENS, manager);
    tokens = RandomText.sequences(model.config(), chunks);
    NDArray stream = model.embed(Gpt2.ids(manager, tokens), 0);
    for (int layer = 0; layer < LAYER; layer++) {
      stream = model.block(layer, stream, Hooks.NONE);
    }
    entering = Scope.keep(stream, manager);
    leaving = Scope.keep(model.blocks(entering, LAYER, Hooks.NONE), manager);
  }

  /** One block. */
  @Benchmark
  public Shape block() {
    return Scope.measure(() -> model.block(LAYER, entering, Hooks.NONE).getShape());
  }

  /** The unembedding and the loss of each chunk. */
  @Benchmark
  public List<LossSum> loss() {
    return CrossEntropy.perChunk(model, leaving, tokens);
  }

  /** Frees all. */
  @TearDown
  public void close() {
    manager.close();
  }
}
