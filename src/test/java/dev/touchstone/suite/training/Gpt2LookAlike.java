package dev.touchstone.suite.training;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.corpus.Assets;
import dev.touchstone.corpus.Unavailable;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Gpt2Config;
import dev.touchstone.model.Weights;
import dev.touchstone.suite.training.SafetensorsWriter.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A checkpoint of exactly GPT-2 small's tensor names and shapes, so that the path the real file
 * takes has been walked where the real file cannot be had: its real attention where the assets have
 * it, seeded random numbers elsewhere.
 *
 * <pre>
 * mvn test-compile exec:java -Dexec.classpathScope=test \
 *   -Dexec.mainClass=dev.touchstone.suite.training.Gpt2LookAlike -Dexec.args="ASSETS_FOLDER"
 * </pre>
 *
 * writes {@code ASSETS_FOLDER/gpt2/model.safetensors}, which {@code -Dtouchstone.gpt2.unpinned}
 * lets stand in for GPT-2.
 */
public final class Gpt2LookAlike {
  /** GPT-2 small's dimensions. */
  public static final Gpt2Config CONFIG = new Gpt2Config(12, 12, 768, 3072, 1024, 50257);

  private static final int SEED = 124;

  private Gpt2LookAlike() {}

  /** Writes the checkpoint below a folder of assets. */
  public static void main(String[] args) throws IOException {
    if (args.length != 1) {
      System.err.println("usage: Gpt2LookAlike ASSETS_FOLDER");
      System.exit(2);
    }
    System.out.println(write(Path.of(args[0]), Assets.fromEnvironment()));
  }

  /**
   * Writes the checkpoint where an assets folder has GPT-2.
   *
   * @return the file
   */
  public static Path write(Path folder, Assets assets) throws IOException {
    Path file = folder.resolve("gpt2/model.safetensors");
    // Another device draws other numbers.
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      Engine.getInstance().setRandomSeed(SEED);
      Optional<Checkpoint> real = attention(assets);
      Map<String, NDArray> tensors = new LinkedHashMap<>();
      Weights.shapes(CONFIG)
          .forEach(
              (name, shape) ->
                  tensors.put(
                      name,
                      real.filter(checkpoint -> checkpoint.has(name))
                          .map(checkpoint -> checkpoint.load(manager, name))
                          .orElseGet(() -> random(manager, name, shape))));
      SafetensorsWriter.write(file, tensors, Precision.F32);
    }
    return file;
  }

  private static Optional<Checkpoint> attention(Assets assets) {
    try {
      return Optional.of(Checkpoint.open(assets.gpt2().path()));
    } catch (Unavailable notHere) {
      return Optional.empty();
    }
  }

  private static NDArray random(NDManager manager, String name, Shape shape) {
    if (name.matches(".*ln_\\w+\\.weight")) {
      return manager.ones(shape);
    }
    return manager.randomNormal(shape).muli(0.02f);
  }
}
