package dev.touchstone.intervention;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.touchstone.Untrusted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.provider.MethodSource;

/** A line that says what is done to a model: it is read, and prints itself so that it reads. */
class InterventionFuzzTest {
  @RegisterExtension
  static final Untrusted UNTRUSTED = new Untrusted(4, 400, IllegalArgumentException.class);

  static Stream<byte[]> seeds() {
    return Stream.of(
            "baseline",
            "zero(L0H8)",
            "zero(L0H1,L11H11@2,5)",
            "mean[text 1+2](L0H8)+relu(L3H1,L5H0)+zero(L1H1)",
            "l1(L0H1)+identity(L0H2)+kernel(L0H3)",
            "project[BASIS:8](L0,L1)+inject[CHANGE](L0H1)",
            "zero(L9999H9999@999999)")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest
  void parse(byte[] input) throws IOException {
    String text = new String(input, StandardCharsets.UTF_8);
    UNTRUSTED.read(
        input,
        () -> {
          Intervention read = Intervention.parse(text);
          assertThat(Intervention.parse(read.toString())).isEqualTo(read);
        });
  }
}
