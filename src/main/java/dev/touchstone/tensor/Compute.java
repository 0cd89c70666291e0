package dev.touchstone.tensor;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.cuda.CudaUtils;

/**
 * Where tensors are computed.
 *
 * @param device a DJL device
 * @param threads how many threads one operation uses on a CPU
 */
public record Compute(Device device, int threads) {
  private static final int TOKENS_ON_CPU = 2048;

  /** Between operations that need not wait for each other. */
  private static final String THREADS_BETWEEN = "ai.djl.pytorch.num_interop_threads";

  /**
   * The choice made by the system properties {@code touchstone.device} ({@code cpu}, {@code gpu},
   * {@code mps}; the CPU unless given) and {@code touchstone.threads} (every core unless given).
   * PyTorch takes the number of threads between operations when it loads, and that within one from
   * {@link #newManager}.
   *
   * @throws IllegalArgumentException when a property says neither, or PyTorch can use no such
   *     device here
   */
  public static Compute fromProperties() {
    int threads = threads(System.getProperty("touchstone.threads"));
    System.setProperty(THREADS_BETWEEN, Integer.toString(threads));
    return new Compute(device(System.getProperty("touchstone.device", "cpu")), threads);
  }

  /** A manager on the device, whose closing frees all it holds. */
  public NDManager newManager() {
    NDManager manager = NDManager.newBaseManager(device);
    // Once told a number, be it its own, it has each small product that one of its threads makes
    // begin and end a team of threads, which costs the attention of short sequences a third more.
    if (JniUtils.getNumThreads() != threads) {
      JniUtils.setNumThreads(threads);
    }
    return manager;
  }

  /** The device as reports show it: {@code cpu}, {@code gpu0}, {@code mps}. */
  public String deviceName() {
    return device.isGpu() ? device.getDeviceType() + device.getDeviceId() : device.getDeviceType();
  }

  /**
   * How many tokens go through a model at once: on a CPU what keeps its matrix products busy, for
   * more would only leave its caches; on a CUDA device what a quarter of its memory holds.
   *
   * @param bytes that a pass holds for each token at most
   */
  public int tokensAtOnce(long bytes) {
    return device.getDeviceType().equals(Device.Type.GPU)
        ? tokens(CudaUtils.getGpuMemory(device).getMax(), bytes)
        : TOKENS_ON_CPU;
  }

  static int tokens(long memory, long bytes) {
    return (int) Math.max(TOKENS_ON_CPU, Math.min(Integer.MAX_VALUE, memory / 4 / bytes));
  }

  /** Name and version of the engine that computes, as reports show it. */
  public static String engine() {
    Engine engine = Engine.getInstance();
    return engine.getEngineName() + " " + engine.getVersion();
  }

  private static int threads(String given) {
    if (given == null) {
      return Runtime.getRuntime().availableProcessors();
    }
    if (!given.matches("[1-9][0-9]{0,3}")) {
      throw new IllegalArgumentException(
          "touchstone.threads is \"" + given + "\"; give a number of threads from 1 to 9999");
    }
    return Integer.parseInt(given);
  }

  private static Device device(String name) {
    return switch (name) {
      case "cpu" -> Device.cpu();
      case "gpu" -> usable(name, Device.gpu());
      case "mps" -> usable(name, Device.of("mps", 0));
      default ->
          throw new IllegalArgumentException(
              "touchstone.device is \"" + name + "\"; it can be cpu, gpu or mps");
    };
  }

  /**
   * PyTorch says only of a tensor that there is no place for it, and then a page, not a sentence.
   */
  private static Device usable(String name, Device device) {
    try (NDManager manager = NDManager.newBaseManager(device)) {
      manager.ones(new Shape(1)).toFloatArray();
      return device;
    } catch (EngineException e) {
      throw new IllegalArgumentException(
          "touchstone.device is \"%s\", and PyTorch can use none here (%s): leave it out to compute on the CPU, or run with mvn -Pgpu where there is a CUDA device"
              .formatted(name, e.getMessage().split("\\. |\\R", 2)[0]));
    }
  }
}
