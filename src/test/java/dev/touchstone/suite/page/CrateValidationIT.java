package dev.touchstone.suite.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.touchstone.runtime.Sha256;
import dev.touchstone.suite.page.RocValidator.Issue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/** The run's RO-Crate, held against its profile by a validator of others, and against its files. */
@Tag("crate")
class CrateValidationIT {
  private static final Path REPORTS = Path.of(System.getProperty("touchstone.reports", "reports"));

  /** What is recommended and stays undone; {@code docs/crate.md} says why. */
  private static final List<String> UNDONE =
      List.of(
          "The Application SHOULD have a url",
          "The SoftwareApplication id SHOULD be an absolute URI",
          "The Action SHOULD have an agent that is a Person or Organization",
          "The Root Data Entity SHOULD have a link to a Contextual Entity representing the `author`"
              + " of the RO-Crate",
          "The `publisher` property of a `Root Data Entity` SHOULD be an `Organization`",
          "If the Action has an actionStatus, it should be http://schema.org/CompletedActionStatus"
              + " or http://schema.org/FailedActionStatus");

  /** The same of each file of the Hugging Face hub, of which a run may have none. */
  private static final String UNDONE_OF_THE_HUBS =
      "Web-based Data Entities SHOULD have a `sdDatePublished` property to indicate when the"
          + " absolute URL was accessed";

  @TempDir private Path folder;

  @BeforeEach
  void findIt() {
    if (Files.notExists(REPORTS.resolve(Crate.FILE))) {
      throw new TestAbortedException("this build judged no claim, so there is no RO-Crate");
    }
  }

  @Test
  void isAProcessRunCrate() throws Exception {
    List<Issue> issues = RocValidator.installed().issues(REPORTS);

    assertThat(issues).filteredOn(issue -> issue.severity().equals("REQUIRED")).isEmpty();
    assertThat(issues)
        .extracting(Issue::message)
        .filteredOn(message -> !message.equals(UNDONE_OF_THE_HUBS))
        .containsExactlyInAnyOrderElementsOf(UNDONE);
  }

  @Test
  void isRefusedWithoutOneOfItsFiles() throws Exception {
    RocValidator validator = RocValidator.installed();
    archive();
    Files.delete(folder.resolve("verdicts.csv"));

    assertThat(validator.issues(folder))
        .filteredOn(issue -> issue.severity().equals("REQUIRED"))
        .singleElement()
        .matches(issue -> issue.message().contains("'verdicts.csv'"));
  }

  @Test
  void everyFileIsTheOneItDescribes() throws IOException {
    assertThat(parts(REPORTS)).containsKeys("verdicts.json", "allure/index.html");
    assertThat(changed(REPORTS)).isEmpty();
  }

  @Test
  void aChangedFileIsNot() throws IOException {
    archive();
    Files.writeString(folder.resolve("summary.md"), "\n", StandardOpenOption.APPEND);

    assertThat(changed(folder)).containsExactly("summary.md");
  }

  /** What an archive of the run holds. */
  private void archive() throws IOException {
    Files.copy(REPORTS.resolve(Crate.FILE), folder.resolve(Crate.FILE));
    for (String part : parts(REPORTS).keySet()) {
      Path copy = folder.resolve(part);
      Files.createDirectories(copy.getParent());
      Files.copy(REPORTS.resolve(part), copy);
    }
  }

  private static List<String> changed(Path crate) throws IOException {
    List<String> changed = new ArrayList<>();
    for (Map.Entry<String, JsonNode> part : parts(crate).entrySet()) {
      Path file = crate.resolve(part.getKey());
      if (Files.size(file) != part.getValue().get("contentSize").asLong()
          || !Sha256.of(file).equals(part.getValue().get("sha256").asText())) {
        changed.add(part.getKey());
      }
    }
    return changed;
  }

  /** The files that lie in the folder, as it describes them, by their path. */
  private static Map<String, JsonNode> parts(Path crate) throws IOException {
    Map<String, JsonNode> parts = new LinkedHashMap<>();
    for (JsonNode entity :
        new ObjectMapper().readTree(crate.resolve(Crate.FILE).toFile()).get("@graph")) {
      String id = entity.get("@id").asText();
      if (entity.get("@type").asText().equals("File")
          && !id.startsWith("#")
          && !id.contains("://")) {
        parts.put(id, entity);
      }
    }
    return parts;
  }
}
