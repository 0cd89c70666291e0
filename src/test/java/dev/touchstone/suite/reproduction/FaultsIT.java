package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.touchstone.suite.fault.FaultyCode;
import dev.touchstone.suite.fault.Specimen;
import dev.touchstone.suite.golden.Fault;
import dev.touchstone.suite.observation.Observatory;
import io.qameta.allure.Epic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every measured claim falls under some deliberate fault, or it is written down that none is tried.
 * nano144 reads little text here, with the fault and without: what a fault changes it changes there
 * too.
 */
@Tag("faults")
@ExtendWith(Fixtures.class)
@Epic("Which fault turns which claim red")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultsIT {
  private static final Path GOLDEN = Path.of("golden");

  /** Some 300 tokens, two of nano144's chunks. */
  private static final int CHARACTERS = 1000;

  private Path brief;
  private Specimen sound;

  @BeforeAll
  void shortenTheText(@TempDir Path folder) throws IOException {
    brief = folder;
    for (String file :
        List.of("subjects/nano144/model.safetensors", "subjects/nano144/config.json")) {
      Files.createDirectories(brief.resolve(file).getParent());
      Files.copy(GOLDEN.resolve(file), brief.resolve(file));
    }
    Files.createDirectory(brief.resolve("corpus"));
    Files.writeString(
        brief.resolve("corpus/refrains.txt"),
        Files.readString(GOLDEN.resolve("corpus/refrains.txt")).substring(0, CHARACTERS));
    sound = new Specimen(brief, brief.resolve("record.sqlite"));
  }

  @AfterAll
  void close() {
    sound.close();
  }

  Stream<Fault> fells(Suite suite) {
    return suite.faults();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void fells(Fault fault, Suite suite, @TempDir Path work) throws Exception {
    List<String> standing = new ArrayList<>();
    try (FaultyCode code = FaultyCode.with(fault, work)) {
      if (!fault.refutes().isEmpty()) {
        Observatory faulty = code.observatory(GOLDEN, work.resolve("whole.sqlite"));
        standing.addAll(suite.notRefuted(fault, faulty));
        ((AutoCloseable) faulty).close();
      }
      if (!fault.moves().isEmpty()) {
        Observatory faulty = code.observatory(brief, work.resolve("brief.sqlite"));
        standing.addAll(suite.notMoved(fault, sound, faulty));
        ((AutoCloseable) faulty).close();
      }
    }
    assertThat(standing).as("what stands although " + fault.says()).isEmpty();
  }

  @Test
  void everyMeasuredClaimHasOne(Suite suite) {
    assertThat(suite.withoutFault())
        .as("measured claims without a fault, to be added to golden/faults.yaml")
        .isEmpty();
  }
}
