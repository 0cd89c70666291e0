package dev.touchstone.suite.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RevisionTest {
  @TempDir private Path folder;

  @Test
  void isUnknownOutsideOfARepository() {
    assertThat(Revision.of(folder)).isEmpty();
  }

  @Test
  void tellsACommitAndWhetherItWasChanged() throws Exception {
    assumeThat(git("init")).as("Git is installed").isZero();
    Path inner = Files.createDirectory(folder.resolve("inner"));
    commit("pom.xml");

    Revision clean = Revision.of(folder).orElseThrow();
    Files.writeString(folder.resolve("pom.xml"), "changed");

    assertThat(clean.commit()).matches("[0-9a-f]{40}");
    assertThat(clean.words()).isEqualTo(clean.commit());
    assertThat(Revision.of(folder)).contains(new Revision(clean.commit(), true));
    assertThat(Revision.of(inner)).as("another project's folder inside of it").isEmpty();
  }

  private void commit(String file) throws Exception {
    Files.writeString(folder.resolve(file), "");
    git("add", file);
    git("-c", "user.name=n", "-c", "user.email=e", "commit", "-m", "m");
  }

  private int git(String... arguments) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    try {
      return new ProcessBuilder(command)
          .directory(folder.toFile())
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      return -1;
    }
  }
}
