package dev.touchstone.runtime;

import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ProgressBarRenderer;
import me.tongfei.progressbar.ProgressState;

/**
 * Progress in one line, as the library draws it but by a clock that only goes forward: the
 * library's own is the machine's, and after it was set back, there would be less than no time left.
 */
final class ProgressLine implements ProgressBarRenderer {
  private static final double NANOS = 1e9;

  private final LongSupplier nanoTime;
  private final long begun;
  private final long unit;
  private final String unitName;

  /**
   * @param nanoTime nanoseconds since some moment
   * @param unit so many steps are shown as one
   * @param unitName what follows their number; the speed is shown where there is one
   */
  ProgressLine(LongSupplier nanoTime, long unit, String unitName) {
    this.nanoTime = nanoTime;
    this.begun = nanoTime.getAsLong();
    this.unit = unit;
    this.unitName = unitName;
  }

  @Override
  public String render(ProgressState state, int length) {
    long now = nanoTime.getAsLong() - begun;
    long done = Math.max(0, state.getCurrent() - state.getStart());
    long all = Math.max(1, state.getMax());
    String left =
        done == 0
            ? "?"
            : time((long) ((double) now / done * Math.max(0, all - state.getCurrent())));
    String before = "%s %3d%% [".formatted(state.getTaskName(), 100 * state.getCurrent() / all);
    String after =
        "] %d/%d%s (%s / %s)%s"
            .formatted(
                state.getCurrent() / unit,
                state.getMax() / unit,
                unitName,
                time(now),
                left,
                speed(done, now));
    int width = Math.max(1, length - before.length() - after.length());
    int full = (int) Math.min(width, width * state.getCurrent() / all);
    String bar = "=".repeat(full) + (full < width ? ">" + " ".repeat(width - full - 1) : "");
    return before + bar + after;
  }

  private String speed(long done, long nanos) {
    return unitName.isEmpty()
        ? ""
        : String.format(
            Locale.ROOT, " %.2f%s/s", done / (double) unit * NANOS / Math.max(1, nanos), unitName);
  }

  private static String time(long nanos) {
    Duration time = Duration.ofNanos(nanos);
    return "%d:%02d:%02d".formatted(time.toHours(), time.toMinutesPart(), time.toSecondsPart());
  }
}
