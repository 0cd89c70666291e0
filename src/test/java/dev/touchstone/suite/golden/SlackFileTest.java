package dev.touchstone.suite.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.touchstone.suite.golden.SlackFile.Case;
import dev.touchstone.suite.golden.SlackFile.Precision;
import dev.touchstone.suite.golden.SlackFile.Quantity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SlackFileTest {
  private static final String ROWS =
      """
      times: 10
      rows:
        - {device: cpu, precision: float32, weights: stored, subject: a, quantity: perplexity, apart: 1e-7, where: here}
        - {device: cpu, precision: float32, weights: processed, subject: a, quantity: effect, apart: 3e-7, where: here}
        - {device: cpu, precision: float32, weights: processed, subject: a, quantity: logit, apart: 5e-5, where: here}
        - {device: cpu, precision: float64, weights: processed, subject: a, quantity: effect, apart: 9e-4, where: here}
        - {device: gpu, precision: float32, weights: stored, subject: a, quantity: perplexity, apart: 8e-7, where: there}
      """;

  @TempDir private Path folder;

  private SlackFile read(String yaml) throws IOException {
    return SlackFile.read(Files.writeString(folder.resolve("slack.yaml"), yaml));
  }

  @Test
  void isTimesWhatIsReportedAtMostInFloat32() throws IOException {
    SlackFile slack = read(ROWS);

    assertThat(slack.relative("cpu")).isEqualTo(3e-6, within(1e-15));
    assertThat(slack.relative("gpu0")).isEqualTo(8e-6, within(1e-15));
    assertThat(slack.knows("gpu1")).isTrue();
  }

  @Test
  void ofADeviceThatWasNotMeasuredIsTheLargestOfThoseThatWere() throws IOException {
    SlackFile slack = read(ROWS);

    assertThat(slack.knows("mps")).isFalse();
    assertThat(slack.relative("mps")).isEqualTo(8e-6, within(1e-15));
    assertThat(slack.allowed(of("mps", Quantity.PERPLEXITY))).isEqualTo(8e-6, within(1e-15));
    assertThat(slack.allowed(of("cpu", Quantity.PERPLEXITY))).isEqualTo(1e-6, within(1e-15));
    assertThatThrownBy(() -> slack.allowed(of("cpu", Quantity.CHUNK_LOSS)))
        .hasMessageContaining("golden/slack.yaml has no row of ", "chunk-loss");
  }

  private static Case of(String device, Quantity quantity) {
    return new Case(device, Precision.FLOAT32, "stored", "a", quantity);
  }

  @Test
  void whatIsWrongIsSaidWithItsPlace() {
    complains("times: ten\nrows: []\n", "slack.yaml:1:8: \"ten\" is no number above 0");
    complains(
        "times: 10\nrows:\n  - {device: cpu, precision: float16}\n",
        "slack.yaml:3:30: there is no precision \"float16\"",
        "slack.yaml:3:5: a row needs apart; write for instance apart: 1.7e-7");
    complains("times: 10\nrows: []\n", "rows have no perplexity or effect in float32");
  }

  private void complains(String yaml, String... sentences) {
    assertThatThrownBy(() -> read(yaml))
        .isInstanceOf(GoldenException.class)
        .message()
        .contains(sentences);
  }
}
