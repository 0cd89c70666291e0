package dev.touchstone.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComputeTest {
  @Test
  void keepsACpuAtWhatItsCachesHold() {
    assertThat(new Compute(Device.cpu(), 64).tokensAtOnce(1)).isEqualTo(2048);
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
