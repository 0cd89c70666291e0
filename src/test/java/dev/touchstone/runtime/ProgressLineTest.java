package dev.touchstone.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  private final AtomicLong seconds = new AtomicLong(-5000);

  /** With a clock whose zero lies anywhere, as {@link System#nanoTime()}'s does. */
  private String line(long from, long to, long total, long unit, String unitName)
      throws InterruptedException {
    ProgressLine line =
        new ProgressLine(() -> TimeUnit.SECONDS.toNanos(seconds.get()), unit, unitName);
    BlockingQueue<String> drawn = new LinkedBlockingQueue<>();
    ProgressBarBuilder builder =
        new ProgressBarBuilder()
            .setTaskName("nano144")
            .setInitialMax(total)
            .startsFrom(from, java.time.Duration.ZERO)
            .setUpdateIntervalMillis(1_000_000)
            .setRenderer(line)
            .setConsumer(new DelegatingProgressBarConsumer(drawn::add, 80));
    try (ProgressBar bar = builder.build()) {
      // A thread of the library's draws the line once at the beginning, whenever it comes to it.
      drawn.take();
      seconds.addAndGet(3700);
      bar.stepTo(to);
      bar.refresh();
      return drawn.take();
    }
  }

  @Test
  void saysHowLongItStillTakes() throws InterruptedException {
    assertThat(line(0, 25, 100, 1, ""))
        .matches("nano144  25% \\[=+> +] 25/100 \\(1:01:40 / 3:05:00\\)")
        .hasSize(80);
  }

  @Test
  void countsNothingThatAnEarlierRunDidForSpeed() throws InterruptedException {
    assertThat(line(50_000_000, 87_000_000, 100_000_000, 1_000_000, " MB"))
        .matches("nano144  87% \\[=+> +] 87/100 MB \\(1:01:40 / 0:21:40\\) 0\\.01 MB/s");
  }

  /** As when a server sends anew what was there in part. */
  @Test
  void doesNotKnowHowLongWhenThereIsLessThanBefore() throws InterruptedException {
    assertThat(line(50_000_000, 40_000_000, 100_000_000, 1_000_000, " MB"))
        .endsWith("] 40/100 MB (1:01:40 / ?) 0.00 MB/s");
  }

  @Test
  void endsWhereEverythingIsDone() throws InterruptedException {
    assertThat(line(0, 100, 100, 1, ""))
        .matches("nano144 100% \\[=+] 100/100 \\(1:01:40 / 0:00:00\\)");
  }
}
