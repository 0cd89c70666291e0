package dev.touchstone.runtime;

import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/**
 * Shows how far long work has come and how long it still takes: a bar where there is a terminal,
 * else a plain line now and then.
 */
public final class Progress implements AutoCloseable {
  private static final int LINE_WIDTH = 100;
  private static final int MILLIS_BETWEEN_LINES = 10_000;
  private static final long MEGABYTE = 1_000_000;

  private final long begun = System.nanoTime();
  private final PrintStream out;
  private final ProgressBar bar;

  private Progress(ProgressBar bar, PrintStream out) {
    this.bar = bar;
    this.out = out;
  }

  private Progress(ProgressBarBuilder builder, PrintStream out) {
    this.out = out;
    if (System.console() == null) {
      builder
          .setUpdateIntervalMillis(MILLIS_BETWEEN_LINES)
          .setConsumer(new DelegatingProgressBarConsumer(this::print, LINE_WIDTH));
    }
    bar = builder.build();
  }

  /** Work that is shown elsewhere. */
  public static Progress silent() {
    return new Progress((ProgressBar) null, System.out);
  }

  /** Work of so many steps. */
  public static Progress of(String task, long steps) {
    return new Progress(
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(steps)
            .setRenderer(new ProgressLine(System::nanoTime, 1, "")),
        System.out);
  }

  /**
   * A transfer.
   *
   * @param total bytes of the whole
   * @param present bytes of it that an earlier transfer left, which say nothing about speed
   * @param out where lines go without a terminal
   */
  public static Progress ofBytes(String task, long total, long present, PrintStream out) {
    return new Progress(
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(total)
            .startsFrom(present, Duration.ZERO)
            .setRenderer(new ProgressLine(System::nanoTime, MEGABYTE, " MB")),
        out);
  }

  /** The library also prints at the start and, twice, at the end; quick work needs no line. */
  private void print(String line) {
    if (System.nanoTime() - begun >= TimeUnit.MILLISECONDS.toNanos(MILLIS_BETWEEN_LINES)) {
      out.println(line);
    }
  }

  /** So many steps more are done. */
  public void advance(long steps) {
    if (bar != null) {
      bar.stepBy(steps);
    }
  }

  /** So much of the whole is done. */
  public void at(long steps) {
    bar.stepTo(steps);
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
