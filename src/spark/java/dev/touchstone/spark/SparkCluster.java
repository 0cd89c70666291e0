package dev.touchstone.spark;

import dev.touchstone.laboratory.Engine;

/** What the laboratory finds where Spark is on the class path. */
public final class SparkCluster implements Engine.Cluster {
  @Override
  public Engine at(String address) {
    Masters.checkForm(address);
    return new SparkEngine(address, Settings.fromProperties());
  }
}
