package dev.touchstone.laboratory;

import dev.touchstone.corpus.Chunk;
import dev.touchstone.model.Gpt2;
import java.util.List;

/**
 * What a task leaves for the next on the same machine: a batch's unmodified streams, which another
 * share of the same interventions begins from too. Several tasks may run at once; each has its own.
 */
public final class Memory implements AutoCloseable {
  private Streams left;

  /** Those of a batch, with what an earlier task computed of them. */
  synchronized Streams take(Gpt2 model, List<Chunk> batch) {
    List<int[]> tokens = batch.stream().map(Chunk::tokens).toList();
    Streams taken = left != null && left.areOf(model, tokens) ? left : new Streams(model, tokens);
    if (taken == left) {
      left = null;
    }
    return taken;
  }

  /** Keeps them, and nothing else. */
  synchronized void leave(Streams streams) {
    close();
    left = streams;
  }

  /** Forgets. */
  @Override
  public synchronized void close() {
    if (left != null) {
      left.close();
      left = null;
    }
  }
}
