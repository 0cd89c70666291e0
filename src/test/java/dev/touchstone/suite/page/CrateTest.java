package dev.touchstone.suite.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.touchstone.corpus.Published;
import dev.touchstone.suite.page.Crate.Build;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrateTest {
  private static final Instant STARTED = Instant.parse("2026-11-22T01:02:03Z");
  private static final Build BUILD =
      new Build(STARTED.minusSeconds(60), "0.1.0", "0.35.1", Map.of("tier", "none", "groups", ""));
  private static final String ABC_SHA256 =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @TempDir private Path folder;
  private Path reports;

  @BeforeEach
  void leaveARun() throws IOException {
    reports = folder.resolve("reports");
    for (String input :
        List.of(
            "pom.xml",
            "golden/claims/README.md",
            "golden/claims/exp1.yaml",
            "golden/corpus/embedded.txt",
            "golden/faults.yaml",
            "golden/ledger.yaml",
            "golden/oracle/oracle.json",
            "golden/slack.yaml",
            "golden/subjects/nano144/model.safetensors")) {
      file(input, "abc", STARTED.minusSeconds(600));
    }
    for (String earlier : List.of("README.md", "figures/of an earlier run.png")) {
      file("reports/" + earlier, "abc", STARTED.minusSeconds(600));
    }
    for (String result :
        List.of(
            "figures/a map.png", "allure-results/1-result.json", "check-results/2-result.json")) {
      file("reports/" + result, "abc", STARTED.plusSeconds(5));
    }
    verdicts("\"gpt2\": \"def\"", "none", "17.7%");
    file("reports/allure/index.html", "abc", STARTED.plusSeconds(20));
  }

  private void verdicts(String fact, String tier, String measured) throws IOException {
    file(
        "reports/verdicts.json",
        """
        {"run": {"started": "%s", "seconds": 10, "claims": {}, "ledger": "", "numerics": "",
                 "subjects": {%s}, "texts": {}, "engine": "PyTorch 2.7.1", "device": "cpu",
                 "threads": 2, "java": "17.0.15", "system": "Linux amd64",
                 "revision": {"commit": "0123abc", "changed": false},
                 "losses": {"measured": 12, "recorded": 0}},
         "verdicts": [
           {"verdict": "REFUTED", "subject": "gpt2", "tier": "%s", "measured": "%s"},
           {"verdict": "REPRODUCED", "subject": "formulas", "tier": "none", "measured": ""},
           {"verdict": "REFUTED", "subject": "llama-nano", "tier": "none", "measured": "1"}]}
        """
            .formatted(STARTED, fact, tier, measured),
        STARTED.plusSeconds(10));
  }

  private void file(String path, String content, Instant written) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
    Files.setLastModifiedTime(file, FileTime.from(written));
  }

  @Test
  void describesWhatTheRunLeft() throws IOException {
    Map<String, JsonNode> entities = entities();

    assertThat(ids(entities.get("./"), "hasPart"))
        .containsExactly("README.md", "allure/index.html", "figures/a%20map.png", "verdicts.json");
    JsonNode action = action(entities);
    assertThat(ids(action, "result"))
        .containsExactly(
            "allure/index.html",
            "figures/a%20map.png",
            "verdicts.json",
            "#chunk-losses-measured-in-this-run",
            "#claims-REPRODUCED",
            "#claims-REFUTED");
    assertThat(entities.get("#claims-REFUTED").get("value").asText()).isEqualTo("2");
    assertThat(action.get("startTime").asText()).isEqualTo("2026-11-22T01:02:03+00:00");
    assertThat(action.get("endTime").asText()).isEqualTo("2026-11-22T01:02:23+00:00");
    assertThat(entities.get("figures/a%20map.png"))
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"@id": "figures/a%%20map.png", "@type": "File", "name": "figures/a%%20map.png",
                     "encodingFormat": "image/png", "contentSize": "3", "sha256": "%s"}
                    """
                        .formatted(ABC_SHA256)));
  }

  @Test
  void saysWhatItWasMadeOf() throws IOException {
    Map<String, JsonNode> entities = entities();

    JsonNode action = action(entities);
    assertThat(ids(action, "object"))
        .containsExactly(
            "#golden/claims/exp1.yaml",
            "#golden/corpus/embedded.txt",
            "#golden/faults.yaml",
            "#golden/ledger.yaml",
            "#golden/slack.yaml",
            "#golden/subjects/nano144/model.safetensors",
            "#pom.xml",
            "#commit",
            "#device",
            "#threads",
            "#system",
            "#chunk-losses-of-earlier-runs-from-the-record",
            "#subject-gpt2",
            "#tier");
    assertThat(entities.get("#golden/ledger.yaml").get("sha256").asText()).isEqualTo(ABC_SHA256);
    JsonNode software = entities.get(action.at("/instrument/@id").asText());
    assertThat(software.get("softwareVersion").asText()).isEqualTo("0.1.0, commit 0123abc");
    assertThat(ids(software, "softwareRequirements"))
        .map(entities::get)
        .extracting(each -> each.get("name").asText() + " " + each.get("softwareVersion").asText())
        .containsExactly("Java 17.0.15", "Deep Java Library 0.35.1", "PyTorch 2.7.1");
  }

  @Test
  void namesTheCommitWhereTheRunKnowsIt() throws IOException {
    verdicts("", "none", "");

    assertThat(entities().get("#touchstone").get("softwareVersion").asText())
        .isEqualTo("0.1.0, commit 0123abc");
  }

  @Test
  void pointsToGpt2OnlyWhereItIsTheOneOfTheHub() throws IOException {
    String gpt2 = Published.gpt2().address().toString();
    assertThat(entities()).doesNotContainKey(gpt2);

    verdicts("\"gpt2\": \"%s\"".formatted(Published.gpt2().sha256()), "none", "17.7%");
    Map<String, JsonNode> entities = entities();

    assertThat(entities.get(gpt2).get("contentSize").asText()).isEqualTo("548105171");
    assertThat(ids(entities.get("./"), "hasPart")).contains(gpt2);
  }

  @Test
  void pointsToWikiTextOnlyWhereSomethingWasMeasuredOnIt() throws IOException {
    String wikiText = Published.wikiText().address().toString();
    assertThat(entities()).doesNotContainKey(wikiText);
    verdicts("", "2k", "");
    assertThat(entities()).doesNotContainKey(wikiText);

    verdicts("", "2k", "24.27");

    assertThat(entities()).containsKey(wikiText);
  }

  @Test
  void givesNoHashOfWhatChangedSinceTheRunBegan() throws IOException {
    file("golden/ledger.yaml", "changed", STARTED.plusSeconds(1));

    assertThat(entities().get("#golden/ledger.yaml").has("sha256")).isFalse();
  }

  @Test
  void namesNothingThatItDoesNotDescribe() throws IOException {
    Map<String, JsonNode> entities = entities();

    for (JsonNode entity : entities.values()) {
      for (JsonNode reference : entity.findValues("@id")) {
        String id = reference.asText();
        assertThat(entities.containsKey(id) || id.startsWith("http"))
            .as("%s, which %s names", id, entity.get("@id"))
            .isTrue();
      }
    }
  }

  @Test
  void isTheSameOfTheSameFilesAndNamesNoPlace() throws IOException {
    entities();
    String first = Files.readString(reports.resolve(Crate.FILE));
    entities();

    assertThat(reports.resolve(Crate.FILE)).hasContent(first);
    assertThat(first).doesNotContain(folder.toString());
  }

  @Test
  void isNotWrittenOfAnEarlierBuildsRun() throws IOException {
    Crate.write(reports, folder, new Build(STARTED.plusSeconds(1), "", "", Map.of()));
    Files.delete(reports.resolve("verdicts.json"));
    Crate.write(reports, folder, BUILD);

    assertThat(reports.resolve(Crate.FILE)).doesNotExist();
  }

  private static JsonNode action(Map<String, JsonNode> entities) {
    return entities.get(entities.get("./").at("/mentions/@id").asText());
  }

  /** What the crate describes, by identifier. */
  private Map<String, JsonNode> entities() throws IOException {
    Crate.write(reports, folder, BUILD);
    JsonNode crate = new ObjectMapper().readTree(reports.resolve(Crate.FILE).toFile());
    assertThat(crate.at("/@context/0").asText()).isEqualTo("https://w3id.org/ro/crate/1.1/context");
    Map<String, JsonNode> entities = new LinkedHashMap<>();
    crate.get("@graph").forEach(entity -> entities.put(entity.get("@id").asText(), entity));
    assertThat(entities).as("entities of different names").hasSameSizeAs(crate.get("@graph"));
    return entities;
  }

  private static List<String> ids(JsonNode entity, String property) {
    return StreamSupport.stream(entity.get(property).spliterator(), false)
        .map(reference -> reference.get("@id").asText())
        .toList();
  }
}
