package dev.touchstone.suite.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.touchstone.suite.fault.Mutants.Mutant;
import dev.touchstone.suite.fault.Mutants.Result;
import dev.touchstone.suite.golden.MutantFile.Room;
import dev.touchstone.suite.golden.MutantFile.Survivor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MutantsTest {
  private static final Survivor KNOWN = new Survivor("Head.parse", "return head;", "Math");
  private static final Survivor OTHER = new Survivor("Head.all", "return all;", "Math");

  @TempDir private Path folder;

  private static Result result(
      int noticed, List<Survivor> unnoticed, Optional<List<Survivor>> explained) {
    List<Mutant> mutants =
        new ArrayList<>(Collections.nCopies(noticed, new Mutant("KILLED", KNOWN)));
    unnoticed.forEach(each -> mutants.add(new Mutant("SURVIVED", each)));
    Room room = new Room("model", List.of("model.*Test"), List.of(), explained);
    return new Result(room, mutants, 75);
  }

  @Test
  void eightyFivePercentAreEnough() {
    List<Survivor> three = Collections.nCopies(3, OTHER);

    assertThat(result(17, three, Optional.empty()).complaints()).isEmpty();
    assertThat(result(16, three, Optional.empty()).complaints())
        .containsExactly(
            "The tests of model notice 84.2% of the mistakes; they should notice 85%.");
  }

  @Test
  void everySurvivorIsExplainedAndNoOther() {
    Result result = result(98, List.of(KNOWN, OTHER), Optional.of(List.of(KNOWN, KNOWN)));

    assertThat(result.complaints())
        .containsExactly(
            "No test notices Math in Head.all: return all;. Write one, or say in"
                + " golden/mutants.yaml why it changes nothing.",
            "golden/mutants.yaml explains Math in Head.parse: return head;, which does not survive;"
                + " take it out.");
    assertThat(result(98, List.of(KNOWN), Optional.of(List.of(KNOWN))).complaints()).isEmpty();
  }

  @Test
  void tellsNoticedOnesApart() {
    Room room = new Room("model", List.of("model.*Test"), List.of(), Optional.empty());
    List<Mutant> mutants =
        List.of("KILLED", "KILLED", "TIMED_OUT", "RUN_ERROR", "SURVIVED", "NO_COVERAGE").stream()
            .map(status -> new Mutant(status, KNOWN))
            .toList();

    assertThat(new Result(room, mutants, 75).row())
        .isEqualTo("| `model` | 6 | 2 | 1 | 1 | 1 | 1 | 66.7% | 1:15 |");
  }

  @Test
  void readsWherePitMadeThem() throws IOException {
    List<String> source =
        Files.readAllLines(Path.of("src/main/java/dev/touchstone/model/Head.java"));
    int line = source.indexOf("    return ORDER.compare(this, other);") + 1;
    Path xml =
        Files.writeString(
            folder.resolve("mutations.xml"),
            """
            <mutations>
              <mutation detected='false' status='SURVIVED'>
                <sourceFile>Head.java</sourceFile>
                <mutatedClass>dev.touchstone.model.Head</mutatedClass>
                <mutatedMethod>lambda$compareTo$0</mutatedMethod>
                <lineNumber>%d</lineNumber>
                <mutator>org.pitest.mutationtest.engine.gregor.mutators.MathMutator</mutator>
              </mutation>
            </mutations>
            """
                .formatted(line));

    assertThat(Mutants.read(xml))
        .containsExactly(
            new Mutant(
                "SURVIVED",
                new Survivor("Head.compareTo", "return ORDER.compare(this, other);", "Math")));
  }
}
