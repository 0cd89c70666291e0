package dev.touchstone.laboratory;

import dev.touchstone.corpus.Chunk;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.model.Gpt2Config;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is computed in one go, wherever that is: numbers of a subject, which come in parts. What it
 * gives does not depend on how it was split.
 */
public sealed interface Task extends Serializable {
  /** Takes a part of a task when it is computed. */
  @FunctionalInterface
  interface Parts {
    /** By chunk or candidate, the numbers of one part. */
    void accept(int part, Map<Long, double[]> numbers);
  }

  /** What each of its parts takes. */
  List<Work> works(Gpt2Config config);

  /** What all its parts take. */
  default double gflop(Gpt2Config config) {
    return works(config).stream().mapToDouble(Work::gflop).sum();
  }

  /**
   * What is computed once for all its parts, however many they are; nothing of it is counted in
   * {@link #works}.
   */
  default Work shared(Gpt2Config config) {
    return Work.NONE;
  }

  /** The same work in several tasks, whose parts in their order are this one's. */
  List<Task> split(Gpt2Config config, double gflop);

  /**
   * Computes all parts.
   *
   * @param materials what the interventions name
   * @param memory what earlier tasks left on this machine and later ones find, if there are any
   */
  void run(Subject subject, Materials materials, Optional<Memory> memory, Parts parts);

  /**
   * The summed loss of chunks that go through the model together; a part is an intervention.
   *
   * @param interventions by their first layer
   */
  record Losses(List<Chunk> batch, List<Intervention> interventions) implements Task {
    public Losses {
      batch = List.copyOf(batch);
      interventions = List.copyOf(interventions);
    }

    @Override
    public List<Work> works(Gpt2Config config) {
      int length = batch.get(0).tokens().length;
      return interventions.stream()
          .map(each -> Work.ofLosses(config, each, batch.size(), length))
          .toList();
    }

    /** The unmodified stream, up to where the last of them begins. */
    @Override
    public Work shared(Gpt2Config config) {
      int last = interventions.get(interventions.size() - 1).firstLayer();
      Work blocks = Work.ofBlocks(config, batch.size(), batch.get(0).tokens().length);
      return last < config.layers()
          ? new Work(0, blocks.gflop() * last / config.layers())
          : Work.NONE;
    }

    /** Neighbours share the most of an unmodified pass, so they stay together. */
    @Override
    public List<Task> split(Gpt2Config config, double gflop) {
      return ranges(works(config), gflop).stream()
          .<Task>map(some -> new Losses(batch, interventions.subList(some[0], some[1])))
          .toList();
    }

    @Override
    public void run(Subject subject, Materials materials, Optional<Memory> memory, Parts parts) {
      Passes.losses(subject.model(), this, materials, memory, parts);
    }
  }

  /** The sums of z of every head over the positions of a chunk; a part is a chunk. */
  record HeadSums(List<Chunk> chunks) implements Task {
    public HeadSums {
      chunks = List.copyOf(chunks);
    }

    @Override
    public List<Work> works(Gpt2Config config) {
      return Collections.nCopies(
          chunks.size(), Work.ofBlocks(config, 1, chunks.get(0).tokens().length));
    }

    @Override
    public List<Task> split(Gpt2Config config, double gflop) {
      return ranges(works(config), gflop).stream()
          .<Task>map(some -> new HeadSums(chunks.subList(some[0], some[1])))
          .toList();
    }

    @Override
    public void run(Subject subject, Materials materials, Optional<Memory> memory, Parts parts) {
      for (int i = 0; i < chunks.size(); i++) {
        parts.accept(i, Passes.headSums(subject.model(), chunks.get(i)));
      }
    }
  }

  /**
   * Continuations that are drawn together, and scored; a part is a seed. Its last bits depend on
   * what is drawn beside it, and so it is never split.
   */
  record Draws(Chunks prompts, Intervention intervention, Candidates wanted, List<Integer> seeds)
      implements Task {
    public Draws {
      seeds = List.copyOf(seeds);
    }

    @Override
    public List<Work> works(Gpt2Config config) {
      return Collections.nCopies(
          seeds.size(), Work.ofCandidates(config, wanted, prompts.all().size(), prompts.length()));
    }

    @Override
    public List<Task> split(Gpt2Config config, double gflop) {
      return List.of(this);
    }

    @Override
    public void run(Subject subject, Materials materials, Optional<Memory> memory, Parts parts) {
      Passes.draws(subject.model(), this, parts);
    }
  }

  /** From the first to behind the last of those that follow each other. */
  private static List<int[]> ranges(List<Work> works, double gflop) {
    List<int[]> ranges = new ArrayList<>();
    int from = 0;
    double sum = 0;
    for (int i = 0; i < works.size(); i++) {
      double more = works.get(i).gflop();
      if (i > from && sum + more > gflop) {
        ranges.add(new int[] {from, i});
        from = i;
        sum = 0;
      }
      sum += more;
    }
    ranges.add(new int[] {from, works.size()});
    return ranges;
  }
}
