package dev.touchstone.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private static final long SECOND = 1_000_000_000;

  private final AtomicLong clock = new AtomicLong();
  private final ByteArrayOutputStream shown = new ByteArrayOutputStream();

  @Test
  void aLogGetsALineNowAndThenAndOneAtTheEnd() {
    Progress progress = progress(false, 0);

    at(progress, 1, 1_000_000);
    at(progress, 5, 50_000_000);
    at(progress, 6, 60_000_000);
    at(progress, 8, 100_000_000);

    assertThat(shown.toString(StandardCharsets.UTF_8).lines())
        .containsExactly(
            "model: 50% of 100.0 MB, 10.0 MB/s, 0:05 left",
            "model: 100% of 100.0 MB, 12.5 MB/s, 0:00 left");
  }

  @Test
  void aTerminalsLineRenewsItself() {
    Progress progress = progress(true, 0);

    at(progress, 1, 1_000_000);
    at(progress, 2, 100_000_000);

    assertThat(shown.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "\rmodel: 1% of 100.0 MB, 1.0 MB/s, 1:39 left   "
                + "\rmodel: 100% of 100.0 MB, 50.0 MB/s, 0:00 left   "
                + System.lineSeparator());
  }

  @Test
  void whatAnEarlierRunLeftDoesNotCountAsSpeed() {
    Progress progress = progress(false, 90_000_000);

    at(progress, 5, 95_000_000);

    assertThat(shown.toString(StandardCharsets.UTF_8)).contains("95%", "1.0 MB/s, 0:05 left");
  }

  private void at(Progress progress, long second, long bytes) {
    clock.set(second * SECOND);
    progress.at(bytes);
  }

  private Progress progress(boolean terminal, long present) {
    PrintStream out = new PrintStream(shown, true, StandardCharsets.UTF_8);
    return new Progress("model", 100_000_000, present, terminal, out, clock::get);
  }
}
