package dev.touchstone.suite.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How long each thread of a process has computed.
 *
 * @param ticks hundredths of a second, by the thread's number and name
 */
record ThreadTimes(Map<String, Long> ticks) {
  /** Number, name, state, ten numbers, and the time in user and in kernel mode: proc(5). */
  private static final Pattern STAT =
      Pattern.compile("(\\d+) \\((.*)\\) \\S(?: -?\\d+){10} (\\d+) (\\d+) .*", Pattern.DOTALL);

  /** This process's until now. */
  static ThreadTimes now() throws IOException {
    Map<String, Long> ticks = new TreeMap<>();
    try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
      for (Path thread : threads.toList()) {
        try {
          Matcher stat = STAT.matcher(Files.readString(thread.resolve("stat")));
          if (stat.matches()) {
            ticks.put(
                stat.group(1) + " " + stat.group(2),
                Long.parseLong(stat.group(3)) + Long.parseLong(stat.group(4)));
          }
        } catch (NoSuchFileException ended) {
          continue;
        }
      }
    }
    return new ThreadTimes(ticks);
  }

  /** What has been added since. */
  ThreadTimes since(ThreadTimes earlier) {
    Map<String, Long> added = new TreeMap<>(ticks);
    earlier.ticks.forEach(
        (thread, before) -> added.computeIfPresent(thread, (t, after) -> after - before));
    return new ThreadTimes(added);
  }
}
