package dev.touchstone.suite.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.touchstone.suite.verdict.GoldenFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultFileTest {
  private static final String HALF =
      "id: half, says: half is left, file: A.java, replace: \"= 0;\", by: \"= 0.5;\"";

  @TempDir private Path folder;

  private FaultFile read(String yaml) throws IOException {
    ClaimCatalog catalog =
        new GoldenFolder(Files.createDirectories(folder.resolve("claims")))
            .write(
                "a.yaml",
                """
                report: exp1
                subject: gpt2
                claims:
                  - {id: exp1:p01, says: s, expected: 1, unit: count, observable: seen/1}
                """)
            .read();
    return FaultFile.read(Files.writeString(folder.resolve("faults.yaml"), yaml), catalog);
  }

  private void complains(String yaml, String... sentences) {
    assertThatThrownBy(() -> read(yaml))
        .isInstanceOf(GoldenException.class)
        .message()
        .contains(sentences);
  }

  @Test
  void aFaultIsAnEditOfOneLine() throws IOException {
    Fault fault = read("faults:\n  - {" + HALF + ", refutes: [exp1:p01]}\n").faults().get(0);

    assertThat(fault.in("a = 0; b = 1;")).isEqualTo("a = 0.5; b = 1;");
    assertThatThrownBy(() -> fault.in("a = 1;"))
        .hasMessageContaining(
            "faults.yaml:2:5: A.java has \"= 0;\" nowhere; write what stands there");
    assertThatThrownBy(() -> fault.in("a = 0; b = 0;")).hasMessageContaining("more than once");
  }

  @Test
  void whatIsUncoveredIsFoundByTheBeginningOfItsObservable() throws IOException {
    FaultFile file =
        read("faults: []\nuncovered:\n  - {observables: [seen/], because: it takes long}\n");

    assertThat(file.reason("seen/1")).contains("it takes long");
    assertThat(file.reason("named/L0H8")).isEmpty();
  }

  @Test
  void whatIsWrongIsSaidWithItsPlace() {
    complains(
        "faults:\n  - {id: half, refutes: [exp1:p02]}\n",
        "faults.yaml:2:5: a fault needs says; write for instance says: a silenced head keeps half",
        "faults.yaml:2:26: no claim has the id exp1:p02; did you mean \"exp1:p01\"?");
    complains(
        "faults:\n  - {" + HALF + "}\n", "2:5: a fault needs a claim that it refutes or moves");
    complains(
        "faults: []\nuncovered:\n  - {observables: [seen/]}\n",
        "3:5: what is uncovered needs because; write for instance because: it takes minutes");
  }
}
