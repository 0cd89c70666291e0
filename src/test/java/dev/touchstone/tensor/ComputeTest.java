package dev.touchstone.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ComputeTest {
  @Test
  void keepsACpuAtWhatItsCachesHold() {
    assertThat(new Compute(Device.cpu(), 64).tokensAtOnce(1)).isEqualTo(2048);
  }

  /** Under its profile there is a device, and its own tests are about that. */
  @ParameterizedTest
  @ValueSource(strings = {"gpu", "mps"})
  void saysThatThereIsNoSuchDevice(String name) {
    assumeTrue(System.getProperty("touchstone.device") == null, "a device is asked for");
    assumeFalse(System.getProperty("os.name").startsWith("Mac"), "there may be one");
    System.setProperty("touchstone.device", name);
    try {
      assertThatThrownBy(Compute::fromProperties)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(
              "touchstone.device is \"" + name + "\", and PyTorch can use none here")
          .hasMessageContaining("leave it out")
          .hasNoCause()
          .message()
          .hasLineCount(1)
          .hasSizeLessThan(300);
    } finally {
      System.clearProperty("touchstone.device");
    }
  }

  /**
   * By this property DJL would tell it, whichever number it has; then small products take longer.
   */
  @Test
  void leavesPyTorchTheNumberOfThreadsItHas() {
    Compute.fromProperties().newManager().close();

    assertThat(System.getProperty("ai.djl.pytorch.num_threads")).isNull();
  }

  /** 80 GB and GPT-2 small; a device of 2 GB; a device of more memory than an int counts. */
  @ParameterizedTest
  @CsvSource({
    "85899345920, 196608, 109226",
    "2147483648, 1000000, 2048",
    "1125899906842624, 1, 2147483647"
  })
  void fillsAQuarterOfADevicesMemory(long memory, long bytes, int tokens) {
    assertThat(Compute.tokens(memory, bytes)).isEqualTo(tokens);
  }
}
