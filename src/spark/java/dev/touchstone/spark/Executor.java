package dev.touchstone.spark;

import dev.touchstone.corpus.Assets;
import dev.touchstone.corpus.Published;
import dev.touchstone.corpus.Unavailable;
import dev.touchstone.intervention.Material;
import dev.touchstone.intervention.Materials;
import dev.touchstone.laboratory.Engine;
import dev.touchstone.laboratory.Memory;
import dev.touchstone.laboratory.Share;
import dev.touchstone.laboratory.Subject;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.CheckpointException;
import dev.touchstone.tensor.Compute;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkEnv;
import org.apache.spark.SparkFiles;
import org.apache.spark.broadcast.Broadcast;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/**
 * Computes a share where it is sent. What a person has to mend is answered and not thrown: Spark
 * would try it again, and show where it was thrown instead.
 */
final class Executor extends AbstractFunction1<Iterator<Share>, Answer> implements Serializable {
  private static final long serialVersionUID = 1;

  /** An executor is a process; nothing else of it outlives a task. */
  private static final Map<Source, Subject> OPENED = new HashMap<>();

  private static final Memory MEMORY = new Memory();

  private final Source source;
  private final HashMap<String, Broadcast<Material>> materials;

  Executor(Source source, Map<String, Broadcast<Material>> materials) {
    this.source = source;
    this.materials = new HashMap<>(materials);
  }

  @Override
  public Answer apply(Iterator<Share> partition) {
    String name =
        SparkEnv.get().executorId()
            + " on "
            + SparkEnv.get().blockManager().blockManagerId().host();
    long begun = System.nanoTime();
    Share share = partition.next();
    try {
      Subject subject = opened(source);
      Materials named = Materials.NONE;
      for (var each : materials.entrySet()) {
        named = named.with(each.getKey(), each.getValue().value());
      }
      List<Map<Long, double[]>> parts = new ArrayList<>();
      share.work().run(subject, named, Optional.of(MEMORY), parts::add);
      return new Answer.Computed(name, (System.nanoTime() - begun) / 1e9, parts);
    } catch (CheckpointException | IllegalArgumentException | IllegalStateException e) {
      return new Answer.Refused(name, e.getMessage());
    }
  }

  private static Subject opened(Source source) {
    synchronized (OPENED) {
      return OPENED.computeIfAbsent(source, Executor::open);
    }
  }

  private static Subject open(Source source) {
    Compute compute = Compute.fromProperties();
    source
        .driver()
        .against(Engine.Signature.of(compute))
        .ifPresent(
            difference -> {
              throw new IllegalStateException(
                  difference + ": its numbers would not be the same; give it what the driver has");
            });
    Checkpoint checkpoint = Checkpoint.open(find(source));
    if (!checkpoint.sha256().equals(source.sha256())) {
      throw new IllegalStateException(
          "%s has the SHA-256 %s there and %s for the driver: copy the driver's, or add -Dtouchstone.spark.send=true"
              .formatted(checkpoint.path(), checkpoint.sha256(), source.sha256()));
    }
    Subject subject =
        new Subject(source.name(), source.sha256(), checkpoint, source.processing(), compute);
    if (!subject.config().toString().equals(source.config())) {
      throw new IllegalStateException(
          "%s is %s there and %s for the driver: copy the driver's config.json too"
              .formatted(checkpoint.path(), subject.config(), source.config()));
    }
    return subject;
  }

  private static Path find(Source source) {
    if (!source.sent().isEmpty()) {
      return sent(source);
    }
    Path shared = Path.of(source.path());
    if (Files.exists(shared)) {
      return shared;
    }
    if (source.sha256().equals(Published.gpt2().sha256())) {
      try {
        return Assets.fromEnvironment().gpt2().path();
      } catch (Unavailable e) {
        throw new IllegalStateException(missing(shared) + " (" + e.getMessage() + ")", e);
      }
    }
    throw new IllegalStateException(missing(shared));
  }

  private static String missing(Path shared) {
    return "it has no "
        + shared
        + ": put it there, into the hub's cache if it is GPT-2, or add -Dtouchstone.spark.send=true";
  }

  /** Under their own names again, since an index and a checkpoint look beside themselves. */
  private static Path sent(Source source) {
    Path folder = Path.of(SparkFiles.getRootDirectory(), source.prefix() + "checkpoint");
    try {
      Files.createDirectories(folder);
      for (String name : source.sent()) {
        Path file = Path.of(SparkFiles.get(source.prefix() + name));
        try {
          Files.createSymbolicLink(folder.resolve(name), file);
        } catch (FileAlreadyExistsException e) {
          // By an earlier task of this executor.
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(
          "what was sent to it cannot be laid out in " + folder + " (" + e + ")", e);
    }
    return folder.resolve(source.sent().get(0));
  }
}
