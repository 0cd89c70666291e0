package dev.touchstone.suite.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.touchstone.suite.golden.MutantFile.Room;
import dev.touchstone.suite.golden.MutantFile.Survivor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MutantFileTest {
  @TempDir private Path folder;

  private MutantFile read(String yaml) throws IOException {
    return MutantFile.read(Files.writeString(folder.resolve("mutants.yaml"), yaml));
  }

  @Test
  void hasRoomsWithTheirTestsAndSurvivors() throws IOException {
    MutantFile file =
        read(
            """
            rooms:
              - {room: model, tests: [model.*Test], helpers: [Small]}
              - room: tensor
                tests: [tensor.*Test]
                survivors:
                  - {in: Scope.keep, line: return array;, mutator: NullReturnVals, because: it is so}
            """);

    assertThat(file.rooms())
        .containsExactly(
            new Room("model", List.of("model.*Test"), List.of("Small"), Optional.empty()),
            new Room(
                "tensor",
                List.of("tensor.*Test"),
                List.of(),
                Optional.of(
                    List.of(new Survivor("Scope.keep", "return array;", "NullReturnVals")))));
  }

  @Test
  void whatIsWrongIsSaidWithItsPlace() {
    assertThatThrownBy(
            () ->
                read(
                    """
                    rooms:
                      - {room: model, survivors: [{in: Scope.keep, line: return;, mutator: Math}]}
                    """))
        .isInstanceOf(GoldenException.class)
        .message()
        .contains(
            "mutants.yaml:2:5: a room needs tests; write for instance tests: [model.*Test]",
            "mutants.yaml:2:31: a survivor needs because; write for instance because: both give 0");
  }

  /** What is explained is a line of the source, as it is now. */
  @Test
  void namesRoomsAndLinesThatThereAre() throws IOException {
    for (Room room : MutantFile.read(Path.of("golden/mutants.yaml")).rooms()) {
      Path code = Path.of("dev/touchstone", room.name().split("\\."));
      Path library = Path.of("src/main/java").resolve(code);
      Path suite = Path.of("src/test/java").resolve(code);
      assertThat(room.name().startsWith("suite.") ? suite : library).isDirectory();
      for (Survivor survivor : room.survivors().orElse(List.of())) {
        String type = survivor.in().split("[.$]")[0];
        assertThat(library.resolve(type + ".java"))
            .content()
            .containsPattern("(?m)^ *" + Pattern.quote(survivor.line()) + "$");
      }
    }
  }
}
