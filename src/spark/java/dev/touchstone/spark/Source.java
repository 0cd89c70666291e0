package dev.touchstone.spark;

import dev.touchstone.laboratory.Engine;
import dev.touchstone.laboratory.Subject;
import dev.touchstone.model.WeightProcessing;
import java.io.Serializable;
import java.util.List;

/**
 * A subject as an executor has to find it, and what the executor has to be itself.
 *
 * @param sha256 of the checkpoint
 * @param path where it lies for the driver, and perhaps for all
 * @param sent under which names its files are sent to executors, itself first; none if they are not
 * @param config its dimensions, in words
 * @param driver what the executor's numbers must have in common with the driver's
 */
record Source(
    String name,
    String sha256,
    String path,
    List<String> sent,
    String config,
    WeightProcessing processing,
    Engine.Signature driver)
    implements Serializable {

  static Source of(Subject subject, List<String> sent, Engine.Signature driver) {
    return new Source(
        subject.name(),
        subject.sha256(),
        subject.checkpoint().path().toAbsolutePath().toString(),
        sent,
        subject.config().toString(),
        subject.processing(),
        driver);
  }

  /** What stands before the names of its files where they are sent: others have the same names. */
  String prefix() {
    return prefix(sha256);
  }

  static String prefix(String sha256) {
    return sha256.substring(0, 16) + "-";
  }
}
