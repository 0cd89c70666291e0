package dev.touchstone.spark;

import java.io.File;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * How a cluster is used.
 *
 * @param threads of PyTorch's for one task, and so the cores of an executor
 * @param device as {@code touchstone.device} says
 * @param taskTime how long a task is to take
 * @param patience how long to wait while there is no executor
 * @param send whether checkpoints are sent to the executors
 * @param library jars that executors lack
 */
record Settings(
    int threads,
    String device,
    Duration taskTime,
    Duration patience,
    boolean send,
    List<String> library) {

  /**
   * What the system properties say.
   *
   * @throws IllegalArgumentException when one is no number
   */
  static Settings fromProperties() {
    return new Settings(
        number("touchstone.threads", 1),
        System.getProperty("touchstone.device", "cpu"),
        Duration.ofSeconds(number("touchstone.spark.task-seconds", 20)),
        Duration.ofSeconds(number("touchstone.spark.patience", 120)),
        Boolean.getBoolean("touchstone.spark.send"),
        Stream.of(System.getProperty("touchstone.spark.library", "").split(File.pathSeparator))
            .filter(jar -> !jar.isEmpty())
            .toList());
  }

  private static int number(String property, int usual) {
    String given = System.getProperty(property);
    if (given == null) {
      return usual;
    }
    if (!given.matches("[1-9][0-9]{0,5}")) {
      throw new IllegalArgumentException(
          property + " is \"" + given + "\"; give a whole number from 1 to 999999");
    }
    return Integer.parseInt(given);
  }
}
