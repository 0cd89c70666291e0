package dev.touchstone.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.touchstone.tensor.Compute;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a run of the benchmark ran on.
 *
 * @param cpu the processor's name, or the architecture's where the system does not tell
 * @param memoryGb in units of 2^30 bytes
 * @param threads how many one operation uses
 * @param environment the variables that decide how memory is allocated and threads wait
 */
record Machine(
    String cpu,
    int cores,
    double memoryGb,
    String system,
    String java,
    String engine,
    String device,
    int threads,
    Map<String, String> environment) {
  private static final Path CPUS = Path.of("/proc/cpuinfo");
  private static final double GB = 1 << 30;
  private static final Pattern DECIDING =
      Pattern.compile("(?:MALLOC|OMP|KMP|GOMP|MKL)_.*|LD_PRELOAD|GLIBC_TUNABLES");

  static Machine of(Compute compute) throws IOException {
    var system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new Machine(
        processor().orElse(system.getArch()),
        system.getAvailableProcessors(),
        system.getTotalMemorySize() / GB,
        String.join(" ", system.getName(), system.getVersion(), system.getArch()),
        System.getProperty("java.runtime.version"),
        Compute.engine(),
        compute.deviceName(),
        compute.threads(),
        deciding(System.getenv()));
  }

  private static Optional<String> processor() throws IOException {
    if (!Files.isReadable(CPUS)) {
      return Optional.empty();
    }
    return Files.readAllLines(CPUS).stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.replaceFirst("^[^:]*:\\s*", ""))
        .findFirst();
  }

  /** Of some variables those that decide. */
  static Map<String, String> deciding(Map<String, String> variables) {
    return variables.entrySet().stream()
        .filter(variable -> DECIDING.matcher(variable.getKey()).matches())
        .collect(
            Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, TreeMap::new));
  }

  /** As a table's caption says it. */
  String shown() {
    return "%s, %d cores, %.0f GB, %s, Java %s, %s, %d threads"
        .formatted(cpu, cores, memoryGb, system, java, engine, threads);
  }
}
