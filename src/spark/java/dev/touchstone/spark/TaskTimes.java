package dev.touchstone.spark;

import java.util.Locale;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/** Prints what each task took, where {@code spark.extraListeners} names it. */
public final class TaskTimes extends SparkListener {
  @Override
  public void onTaskEnd(SparkListenerTaskEnd ended) {
    System.out.printf(
        Locale.ROOT,
        "task %d on %s: %.3f s, %.3f s of them running, %d bytes back%n",
        ended.taskInfo().index(),
        ended.taskInfo().executorId(),
        ended.taskInfo().duration() / 1e3,
        ended.taskMetrics() == null ? 0 : ended.taskMetrics().executorRunTime() / 1e3,
        ended.taskMetrics() == null ? 0 : ended.taskMetrics().resultSize());
  }
}
