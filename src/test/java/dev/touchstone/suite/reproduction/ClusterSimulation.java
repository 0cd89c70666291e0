package dev.touchstone.suite.reproduction;

import dev.touchstone.laboratory.Rehearsal.Step;
import dev.touchstone.laboratory.Share;
import dev.touchstone.suite.golden.ScaleFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * How long a run would take on more workers than anybody here has: its steps in their order, each
 * in the shares that the laboratory would make for so many workers, with the times that tasks took
 * where they were measured. A step begins when the one before it has ended.
 */
record ClusterSimulation(ScaleFile measured, List<Step> steps, double taskSeconds) {
  /** As {@code touchstone.spark.task-seconds} is unless given. */
  static final double USUAL_TASK_SECONDS = 20;

  private static final long SEED = 1;

  /** What a number of workers gives. */
  record Outcome(int workers, double seconds, long tasks, double busy) {
    /** The share of all workers' time in which they compute. */
    double efficiency() {
      return busy / (seconds * workers);
    }
  }

  /** What a worker has of the work that shares of a task have in common. */
  private record Kept(int task, double gflop) {}

  Outcome on(int workers) {
    SplittableRandom random = new SplittableRandom(SEED);
    boolean[] opened = new boolean[workers];
    double now = measured.start();
    double busy = 0;
    long tasks = 0;
    for (Step step : steps) {
      now += step.own().gflop() / measured.driver();
      List<Share> shares =
          step.tasks().isEmpty()
              ? List.of()
              : Share.of(step.tasks(), step.config(), workers, measured.rate() * taskSeconds);
      now += broadcast(step.materialBytes(), workers);
      double[] free = new double[workers];
      Map<Integer, Kept> kept = new HashMap<>();
      Arrays.fill(free, now);
      double sent = now;
      double end = now;
      for (Share share : shares) {
        int worker = firstFree(free);
        sent += measured.dispatch();
        double begun = Math.max(free[worker], sent) + measured.overhead();
        if (!opened[worker]) {
          opened[worker] = true;
          begun += measured.opening();
        }
        double shared = share.work().shared(step.config()).gflop();
        Kept before = kept.get(worker);
        double known = before != null && before.task() == share.task() ? before.gflop() : 0;
        kept.put(worker, new Kept(share.task(), Math.max(known, shared)));
        double computing =
            (share.gflop(step.config()) + Math.max(0, shared - known))
                / measured.rate()
                * measured.spread().get(random.nextInt(measured.spread().size()));
        free[worker] = begun + computing;
        end = Math.max(end, free[worker]);
        busy += computing;
        tasks++;
      }
      now = end;
    }
    return new Outcome(workers, now, tasks, busy);
  }

  /** Spark passes blocks on from worker to worker, so those that have them double. */
  private double broadcast(long bytes, int workers) {
    double rounds = Math.ceil(Math.log(workers + 1) / Math.log(2));
    return rounds * bytes / (measured.megabytes() * 1e6);
  }

  private static int firstFree(double[] free) {
    int first = 0;
    for (int i = 1; i < free.length; i++) {
      if (free[i] < free[first]) {
        first = i;
      }
    }
    return first;
  }

  /** A table for people, and up to how many workers half of their time is not wasted. */
  String text(List<Integer> workers) {
    List<Outcome> outcomes = workers.stream().map(this::on).toList();
    List<String> lines = new ArrayList<>();
    lines.add("With tasks as they were measured on " + measured.where() + ":");
    lines.add("");
    lines.add("| workers of one thread | time | faster | tasks | workers' time that computes |");
    lines.add("| ---: | ---: | ---: | ---: | ---: |");
    for (Outcome each : outcomes) {
      lines.add(
          String.format(
              Locale.ROOT,
              "| %d | %s | %.1fx | %d | %.0f%% |",
              each.workers(),
              time(each.seconds()),
              outcomes.get(0).seconds() / each.seconds(),
              each.tasks(),
              100 * each.efficiency()));
    }
    lines.add("");
    lines.add(
        outcomes.stream()
            .filter(each -> each.efficiency() >= 0.5)
            .reduce((one, larger) -> larger)
            .map(
                last ->
                    "Up to %d workers at least half of their time computes."
                        .formatted(last.workers()))
            .orElse("Already the first number of workers wastes half of their time."));
    return String.join(System.lineSeparator(), lines);
  }

  private static String time(double seconds) {
    long minutes = Math.round(seconds / 60);
    return minutes < 120
        ? "%d min".formatted(minutes)
        : "%d h %02d min".formatted(minutes / 60, minutes % 60);
  }

  /** The numbers of workers that a property names, in its order. */
  static List<Integer> workers(String given) {
    if (!given.matches("[1-9][0-9]{0,4}(,[1-9][0-9]{0,4})*")) {
      throw new IllegalArgumentException(
          "touchstone.workers is \"%s\"; give numbers of workers, as in 1,2,4,8".formatted(given));
    }
    return Stream.of(given.split(",")).map(Integer::valueOf).toList();
  }
}
