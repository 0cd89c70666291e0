package dev.touchstone.laboratory;

import dev.touchstone.model.Gpt2Config;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * What one machine of several computes in one go: some parts of a task.
 *
 * @param task its place among the tasks that were given
 * @param firstPart the place of its first part in that task
 * @param work to be done
 */
public record Share(int task, int firstPart, Task work) implements Serializable {
  /** So many for each machine at least, for those that end early to have something left to do. */
  private static final int PER_MACHINE = 8;

  /**
   * All tasks in shares, in their order: a machine that goes on where it was finds in its {@link
   * Memory} what a share has in common with the one before it.
   *
   * @param machines among which they go
   * @param gflop that a machine does in the time a share is to take; a share of a little work is
   *     smaller, for every machine to have some
   */
  public static List<Share> of(List<Task> tasks, Gpt2Config config, int machines, double gflop) {
    double all = tasks.stream().mapToDouble(task -> task.gflop(config)).sum();
    double each = Math.min(gflop, all / (machines * PER_MACHINE));
    List<Share> shares = new ArrayList<>();
    for (int task = 0; task < tasks.size(); task++) {
      int part = 0;
      for (Task some : tasks.get(task).split(config, each)) {
        shares.add(new Share(task, part, some));
        part += some.works(config).size();
      }
    }
    return shares;
  }

  /** What its parts take. */
  public double gflop(Gpt2Config config) {
    return work.gflop(config);
  }
}
