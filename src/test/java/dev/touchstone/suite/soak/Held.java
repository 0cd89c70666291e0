package dev.touchstone.suite.soak;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * What this process holds at a moment.
 *
 * @param done how many rounds of work came before
 * @param resident memory, in MB of 2^20 bytes
 * @param heap of it what Java's objects take that are still reachable
 * @param files open file handles
 */
public record Held(int done, double resident, double heap, int files, int threads) {
  private static final Path PROCESS = Path.of("/proc/self");
  private static final double KILOBYTES = 1 << 10;
  private static final double BYTES = 1 << 20;

  /** Looks at the memory first, and then collects what is garbage. */
  static Held after(int done) throws IOException {
    double resident = megabytes("VmRSS");
    System.gc();
    return new Held(
        done,
        resident,
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / BYTES,
        entries("fd"),
        entries("task"));
  }

  /**
   * A size of this process's memory as Linux tells it, in MB of 2^20 bytes.
   *
   * @param field {@code VmRSS}, {@code VmHWM}
   */
  public static double megabytes(String field) throws IOException {
    return Files.readAllLines(PROCESS.resolve("status")).stream()
            .filter(line -> line.startsWith(field + ":"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .findFirst()
            .orElseThrow()
        / KILOBYTES;
  }

  private static int entries(String folder) throws IOException {
    try (Stream<Path> entries = Files.list(PROCESS.resolve(folder))) {
      return (int) entries.count();
    }
  }

  /** As {@link #toString} writes it. */
  static Held parse(String line) {
    List<Double> numbers = Arrays.stream(line.split(",")).map(Double::valueOf).toList();
    return new Held(
        numbers.get(0).intValue(),
        numbers.get(1),
        numbers.get(2),
        numbers.get(3).intValue(),
        numbers.get(4).intValue());
  }

  @Override
  public String toString() {
    return "%d,%s,%s,%d,%d".formatted(done, resident, heap, files, threads);
  }
}
