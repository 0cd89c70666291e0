package dev.touchstone.laboratory;

import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows how far long work has come and how long it still takes: a bar where there is a terminal,
 * else a plain line now and then.
 */
final class Progress implements AutoCloseable {
  private static final int LINE_WIDTH = 100;
  private static final int MILLIS_BETWEEN_LINES = 10_000;

  private final long begun = System.nanoTime();
  private final ProgressBar bar;

  /** Work of so many steps. */
  Progress(String task, long steps) {
    ProgressBarBuilder builder =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(steps)
            .setStyle(ProgressBarStyle.ASCII);
    if (System.console() == null) {
      builder
          .setUpdateIntervalMillis(MILLIS_BETWEEN_LINES)
          .setConsumer(new DelegatingProgressBarConsumer(this::print, LINE_WIDTH));
    }
    bar = builder.build();
  }

  /** The library also prints at the start and, twice, at the end; quick work needs no line. */
  private void print(String line) {
    if (System.nanoTime() - begun >= MILLIS_BETWEEN_LINES * 1_000_000L) {
      System.out.println(line);
    }
  }

  /** So many steps more are done. */
  void advance(long steps) {
    bar.stepBy(steps);
  }

  @Override
  public void close() {
    bar.close();
  }
}
