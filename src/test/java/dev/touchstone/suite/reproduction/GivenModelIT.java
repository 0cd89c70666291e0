package dev.touchstone.suite.reproduction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.touchstone.suite.observation.Protocol;
import dev.touchstone.suite.training.Shapes;
import dev.touchstone.suite.verdict.Replica;
import dev.touchstone.suite.verdict.Replica.Answer;
import io.qameta.allure.Allure;
import io.qameta.allure.Epic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** All that is asked of a user's model, on made-up ones of four other shapes than GPT-2 small's. */
@Tag("subject")
@Epic("Embedded subjects")
class GivenModelIT {
  /** Why a claim may go without an answer on another grid, on so short a text. */
  private static final String REASONS =
      "It follows from printed figures alone"
          + "|No text of perplexity below 2\\.0 was generated\\."
          + "|None of its \\d layers is at the depth of layer \\d+ of 12"
          + "|There is no L\\d+H\\d+ in \\d layers of \\d heads"
          + "|With its \\d layers of \\d heads it cannot tell \\d+ from \\d+ of the reports'"
          + "|There is no .* here: it divides by 0 or goes over nothing";

  @TempDir private Path folder;

  @ParameterizedTest(name = "{0}")
  @EnumSource
  void isAskedAllThatTheReportsSay(Shapes shape) throws IOException {
    List<Replica> replicas;
    try (Suite suite = Suite.about(shape.given(folder), folder)) {
      assertThat(suite.subjects()).containsExactly(shape.word());
      replicas =
          suite
              .replicatedClaims()
              .map(claim -> suite.replicate(claim.claim(), shape.word()))
              .toList();
      if (shape == Shapes.FEWER_HEADS) {
        drawAndVary(suite, shape.word());
      }
    }

    String page = Files.readString(folder.resolve("subject.md"));
    Allure.addAttachment("subject", "text/markdown", page, ".md");
    assertThat(page)
        .contains(
            "%s's grid is %d layers of %d heads"
                .formatted(shape.word(), shape.config().layers(), shape.config().heads()));
    assertThat(replicas.stream().filter(replica -> replica.answer() == Answer.UNOBSERVED))
        .isNotEmpty()
        .allSatisfy(replica -> assertThat(replica.reason()).matches(REASONS));
    assertThat(replicas.stream().filter(replica -> replica.answer() != Answer.UNOBSERVED).count())
        .isGreaterThan(2L * replicas.size() / 3);
    assertThat(replicas)
        .as("what the report left out")
        .filteredOn(replica -> replica.claim().part().equals(Optional.of("6D")))
        .singleElement()
        .satisfies(replica -> assertThat(replica.answer()).isIn(Answer.SHOWN, Answer.NOT_SHOWN));
  }

  /** What figures and another protocol measure again, on the model that has the fewest heads. */
  private static void drawAndVary(Suite suite, String subject) throws IOException {
    assertThat(suite.vary(subject, Protocol.BEGIN_OF_TEXT).shifts())
        .anyMatch(shift -> !shift.reported().equals(shift.varied()));
    assertThat(FiguresIT.isDrawn(suite))
        .hasSizeGreaterThan(15)
        .allSatisfy(drawn -> assertThat(FiguresIT.png(drawn)).isNotEmpty());
  }
}
