package dev.touchstone.spark;

import dev.touchstone.laboratory.Task;
import dev.touchstone.laboratory.Work;
import dev.touchstone.model.Gpt2Config;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * What one executor computes in one go: some parts of a laboratory's task.
 *
 * @param task its place among the laboratory's tasks
 * @param firstPart the place of its first part in that task
 * @param work to be done
 */
record Share(int task, int firstPart, Task work) implements Serializable {
  /**
   * All tasks in shares of about so much work, the largest first: the last to end is a small one.
   */
  static List<Share> of(List<Task> tasks, Gpt2Config config, double gflop) {
    List<Share> shares = new ArrayList<>();
    for (int task = 0; task < tasks.size(); task++) {
      int part = 0;
      for (Task some : tasks.get(task).split(config, gflop)) {
        shares.add(new Share(task, part, some));
        part += some.works(config).size();
      }
    }
    shares.sort((one, other) -> Double.compare(other.gflop(config), one.gflop(config)));
    return shares;
  }

  double gflop(Gpt2Config config) {
    return work.works(config).stream().mapToDouble(Work::gflop).sum();
  }
}
