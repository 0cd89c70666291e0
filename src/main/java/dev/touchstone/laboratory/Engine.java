package dev.touchstone.laboratory;

import dev.touchstone.intervention.Materials;
import dev.touchstone.tensor.Compute;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * Where a laboratory has its numbers computed: here, or on other machines. Whatever the place, what
 * comes back is recorded under the same keys.
 */
public interface Engine extends AutoCloseable {
  /** Takes what was computed. */
  @FunctionalInterface
  interface Results {
    /**
     * One part of a task, once.
     *
     * @param task its place among the tasks that were given
     * @param part of it, as {@link Task} counts them
     * @param numbers by chunk or candidate, as the record keeps them
     */
    void accept(int task, int part, Map<Long, double[]> numbers);
  }

  /** Finds machines by an address; found by {@link ServiceLoader}. */
  interface Cluster {
    /**
     * An engine that has its tasks computed there. It connects when it is first asked for
     * something.
     *
     * @throws IllegalArgumentException when the address is of no form it knows
     */
    Engine at(String address);
  }

  /**
   * What numbers must have in common to be kept in one record.
   *
   * @param library what computes tensors, with its version
   * @param device as {@link Compute#deviceName} has it
   * @param numerics a hash over all code that they can depend on
   */
  record Signature(String library, String device, String numerics) implements Serializable {
    /** Of this process. Loads what computes tensors. */
    public static Signature of(Compute compute) {
      return new Signature(
          Compute.engine(), compute.deviceName(), NumericsVersion.current().ofAll());
    }

    /** What of another is not as here, in words; empty if nothing is. */
    public Optional<String> against(Signature other) {
      if (!library.equals(other.library)) {
        return Optional.of("it computes with " + other.library + " and not with " + library);
      }
      if (!device.equals(other.device)) {
        return Optional.of("it computes on the device " + other.device + " and not on " + device);
      }
      return numerics.equals(other.numerics)
          ? Optional.empty()
          : Optional.of(
              "its code has the numerics hash %s and not %s".formatted(other.numerics, numerics));
    }
  }

  /**
   * Computes all parts of all tasks.
   *
   * @param materials what the tasks' interventions name
   * @param results is called in the caller's thread, in any order
   * @throws IllegalStateException when no machine computes any more; what {@code results} got until
   *     then is right
   */
  void compute(Subject subject, Materials materials, List<Task> tasks, Results results);

  @Override
  void close();

  /** One that computes in this process. */
  static Engine here() {
    return new Here();
  }

  /**
   * The choice made by the system property {@code touchstone.spark}, the address of a cluster; here
   * unless given.
   *
   * @throws IllegalArgumentException when there is no such address, or nothing that knows clusters
   */
  static Engine fromProperties() {
    String address = System.getProperty("touchstone.spark");
    if (address == null) {
      return here();
    }
    return ServiceLoader.load(Cluster.class)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "touchstone.spark is \"%s\", and Spark is not here: add -Pspark to the command"
                        .formatted(address)))
        .at(address);
  }
}
