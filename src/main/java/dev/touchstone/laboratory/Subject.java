package dev.touchstone.laboratory;

import ai.djl.ndarray.NDManager;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.CheckpointException;
import dev.touchstone.model.Gpt2;
import dev.touchstone.model.Gpt2Config;
import dev.touchstone.model.WeightProcessing;
import dev.touchstone.runtime.Lazy;
import dev.touchstone.tensor.Compute;

/**
 * A model under study. Its weights are loaded when something must be computed, and not before: a
 * run whose every number is kept already never loads them.
 */
public final class Subject implements AutoCloseable {
  private final String name;
  private final String sha256;
  private final Checkpoint checkpoint;
  private final WeightProcessing processing;
  private final Compute compute;
  private final Lazy<Gpt2Config> config;
  private final boolean rehearsed;
  private NDManager manager;
  private Gpt2 model;

  /**
   * A checkpoint, seen through a processing of its weights.
   *
   * @param sha256 the checkpoint's, which whoever found the file knows already
   */
  public Subject(
      String name,
      String sha256,
      Checkpoint checkpoint,
      WeightProcessing processing,
      Compute compute) {
    this(name, sha256, checkpoint, processing, compute, false);
  }

  private Subject(
      String name,
      String sha256,
      Checkpoint checkpoint,
      WeightProcessing processing,
      Compute compute,
      boolean rehearsed) {
    this.rehearsed = rehearsed;
    this.name = name;
    this.sha256 = sha256;
    this.checkpoint = checkpoint;
    this.processing = processing;
    this.compute = compute;
    this.config = new Lazy<>(() -> Gpt2Config.of(checkpoint));
  }

  /** The same for a {@link Rehearsal}: its model is never loaded. */
  public Subject rehearsed() {
    return new Subject(name, sha256, checkpoint, processing, compute, true);
  }

  /** {@code gpt2}, {@code nano144}. */
  public String name() {
    return name;
  }

  /** SHA-256 of the checkpoint. */
  public String sha256() {
    return sha256;
  }

  /** Where its tensors come from. */
  public Checkpoint checkpoint() {
    return checkpoint;
  }

  /**
   * Its dimensions as they were when first asked for.
   *
   * @throws CheckpointException when the checkpoint or the {@code config.json} beside it is no
   *     GPT-2's
   */
  public Gpt2Config config() {
    return config.get();
  }

  /** How its weights are rewritten. */
  public WeightProcessing processing() {
    return processing;
  }

  /** Where it is computed. */
  public Compute compute() {
    return compute;
  }

  /**
   * The model, loaded at the first call.
   *
   * @throws CheckpointException when the checkpoint lacks a tensor, or its dimensions are others by
   *     now
   * @throws IllegalStateException in a rehearsal
   */
  public synchronized Gpt2 model() {
    if (rehearsed) {
      throw new IllegalStateException(name + " computes nothing in a rehearsal");
    }
    if (model == null) {
      manager = compute.newManager();
      Gpt2 loaded = Gpt2.load(checkpoint, processing, manager);
      if (!loaded.config().equals(config())) {
        throw new CheckpointException(
            checkpoint.path(),
            "was opened as " + config() + " and is now loaded as " + loaded.config(),
            "leave the config.json beside it alone during a run");
      }
      model = loaded;
    }
    return model;
  }

  /** Whether the weights are in memory. */
  synchronized boolean loaded() {
    return model != null;
  }

  @Override
  public synchronized void close() {
    if (manager != null) {
      manager.close();
      manager = null;
      model = null;
    }
  }
}
