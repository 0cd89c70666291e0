package dev.touchstone.corpus;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Tells how far a transfer is: one line that renews itself on a terminal, a plain line now and then
 * elsewhere.
 */
final class Progress {
  private static final double MEGABYTE = 1e6;
  private static final Duration ON_TERMINAL = Duration.ofMillis(200);
  private static final Duration IN_LOG = Duration.ofSeconds(5);

  private final String what;
  private final long total;
  private final long present;
  private final boolean terminal;
  private final PrintStream out;
  private final LongSupplier nanoTime;
  private final long start;
  private long lastShown;

  /**
   * @param total bytes of the whole
   * @param present bytes of it that an earlier transfer left, which say nothing about speed
   */
  Progress(
      String what,
      long total,
      long present,
      boolean terminal,
      PrintStream out,
      LongSupplier nanoTime) {
    this.what = what;
    this.total = total;
    this.present = present;
    this.terminal = terminal;
    this.out = out;
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
    this.lastShown = start;
  }

  /** Shows that so many bytes of the whole are here, unless it has just shown something. */
  void at(long bytes) {
    long now = nanoTime.getAsLong();
    long pause = (terminal ? ON_TERMINAL : IN_LOG).toNanos();
    boolean complete = bytes == total;
    if (now - lastShown < pause && !complete) {
      return;
    }
    lastShown = now;
    String line = line(bytes, (now - start) / 1e9);
    if (terminal) {
      // Spaces cover what a longer line before left.
      out.print("\r" + line + "   " + (complete ? System.lineSeparator() : ""));
    } else {
      out.println(line);
    }
    out.flush();
  }

  private String line(long bytes, double seconds) {
    double speed = Math.max(0, bytes - present) / Math.max(seconds, 1e-3);
    String left = speed == 0 ? "stalled" : clock(Math.round((total - bytes) / speed)) + " left";
    return String.format(
        Locale.ROOT,
        "%s: %d%% of %.1f MB, %.1f MB/s, %s",
        what,
        100 * bytes / total,
        total / MEGABYTE,
        speed / MEGABYTE,
        left);
  }

  private static String clock(long seconds) {
    return String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60);
  }
}
