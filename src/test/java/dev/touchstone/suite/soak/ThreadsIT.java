package dev.touchstone.suite.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.qameta.allure.Epic;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code touchstone.threads} is the number of threads that compute, whoever loads PyTorch. */
@Tag("soak")
@Epic("Endurance")
class ThreadsIT {
  /** The virtual machine's own, which compile and collect, and the progress line's. */
  private static final Pattern NOT_COMPUTING =
      Pattern.compile(
          "\\d+ (?:C[12] Comp|GC Thread|G1 |VM |Sweeper|Signal|Service|Monitor|Common-Cl|Reference|Finalizer|Notific|ProgressBar|process reaper).*");

  /** A thread that computes less than this share of what the busiest does takes no part. */
  private static final double PART = 0.05;

  @TempDir private Path folder;

  @Test
  void oneThreadIsOneThread() throws Exception {
    Map<String, Long> times = times(1);

    assertThat(computing(times)).as(times.toString()).hasSize(1);
  }

  /** Or else the other test could not fail. */
  @Test
  void twoThreadsAreTwo() throws Exception {
    assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "there is one core here");
    Map<String, Long> times = times(2);

    assertThat(computing(times)).as(times.toString()).hasSize(2);
  }

  private Map<String, Long> times(int threads) throws IOException, InterruptedException {
    OwnProcess.assumeTold();
    Map<String, Long> times = new TreeMap<>();
    OwnProcess.run(
            ThreadsOfPasses.class, List.of("-Dtouchstone.threads=" + threads), folder.toString())
        .stream()
        .map(line -> line.split("\t"))
        .filter(line -> line.length == 2 && !NOT_COMPUTING.matcher(line[0]).matches())
        .forEach(line -> times.put(line[0], Long.parseLong(line[1])));
    return times;
  }

  private static List<String> computing(Map<String, Long> times) {
    double busiest = times.values().stream().mapToLong(ticks -> ticks).max().orElseThrow();
    return times.keySet().stream().filter(name -> times.get(name) > PART * busiest).toList();
  }
}
