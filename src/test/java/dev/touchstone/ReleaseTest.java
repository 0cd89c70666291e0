package dev.touchstone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What has to be the same wherever a release says it, and what builds one. */
class ReleaseTest {
  private static final Path WORKFLOWS = Path.of(".github/workflows");

  private static List<String> found(String pattern, String text) {
    return Pattern.compile(pattern, Pattern.MULTILINE)
        .matcher(text)
        .results()
        .map(match -> match.group(1))
        .toList();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"CITATION.cff, ^version: (.+)$", "SECURITY.md, now `(.+?)`"})
  void saysThePomsVersion(Path file, String pattern) throws IOException {
    List<String> version =
        found(
            "<artifactId>touchstone</artifactId>\\s*<version>(.+)</version>",
            Files.readString(Path.of("pom.xml")));
    assertThat(version).hasSize(1);

    assertThat(found(pattern, Files.readString(file))).isEqualTo(version);
  }

  /** A tag can be moved to other code, a commit cannot. */
  @Test
  void actionsArePinnedByCommit() throws IOException {
    List<String> actions = new ArrayList<>();
    try (Stream<Path> files = Files.list(WORKFLOWS)) {
      for (Path file : files.toList()) {
        actions.addAll(found("\\buses: (.*)$", Files.readString(file)));
      }
    }
    assertThat(actions).isNotEmpty().allMatch(used -> used.matches("\\S+@[0-9a-f]{40} # v[\\d.]+"));
  }
}
