package dev.touchstone.spark;

import dev.touchstone.laboratory.Engine;
import java.util.regex.Pattern;

/** Takes the addresses that Spark calls masters. */
public final class SparkCluster implements Engine.Cluster {
  private static final Pattern MASTER =
      Pattern.compile("spark://.+:\\d+.*|yarn|k8s://.+|local(\\[(\\d+|\\*)(,\\d+)?])?");

  @Override
  public Engine at(String address) {
    if (!MASTER.matcher(address).matches()) {
      throw new IllegalArgumentException(
          "touchstone.spark is \"%s\"; give Spark's master, as in spark://host:7077, yarn, k8s://https://host:6443 or local[2]"
              .formatted(address));
    }
    return new SparkEngine(address, Settings.fromProperties());
  }
}
