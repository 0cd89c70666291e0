package dev.touchstone.spark;

import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** A process's application on a cluster, of which Spark allows one; its engines share it. */
final class Connection {
  private static Connection current;

  private final JavaSparkContext spark;
  private final String settings;
  private int users;

  private Connection(JavaSparkContext spark, String settings) {
    this.spark = spark;
    this.settings = settings;
  }

  /**
   * The process's, begun with the first user and ended with the last.
   *
   * @throws IllegalStateException when the cluster cannot be reached, or the process uses one with
   *     other settings
   */
  static synchronized JavaSparkContext open(SparkConf conf) {
    String settings = conf.toDebugString();
    if (current != null && current.spark.sc().isStopped()) {
      current = null;
    }
    if (current == null) {
      try {
        current = new Connection(new JavaSparkContext(conf), settings);
      } catch (Exception e) {
        // Scala declares none of those it throws.
        throw Masters.unreachable(conf.get("spark.master"), Masters.firstLine(e), e);
      }
    } else if (!current.settings.equals(settings)) {
      throw new IllegalStateException(
          "this process computes with Spark already, with other settings; one process has one cluster");
    }
    current.users++;
    return current.spark;
  }

  /** Ends the application when nobody else uses it. */
  static synchronized void close(JavaSparkContext spark) {
    if (current != null && current.spark == spark && --current.users == 0) {
      current = null;
      spark.stop();
    }
  }
}
