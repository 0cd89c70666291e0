package dev.touchstone.laboratory;

import dev.touchstone.intervention.Materials;
import java.util.List;
import java.util.Optional;

/** Computes in this process, one task after the other. */
final class Here implements Engine {
  @Override
  public void compute(Subject subject, Materials materials, List<Task> tasks, Results results) {
    for (int i = 0; i < tasks.size(); i++) {
      int task = i;
      tasks
          .get(task)
          .run(
              subject,
              materials,
              Optional.empty(),
              (part, numbers) -> results.accept(task, part, numbers));
    }
  }

  @Override
  public void close() {}
}
