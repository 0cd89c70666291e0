package dev.touchstone.suite.verdict;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The state of the source that ran.
 *
 * @param commit its hash
 * @param changed whether a file that it has is another one now
 */
public record Revision(String commit, boolean changed) {
  private static final int PATIENCE_SECONDS = 30;

  /** As Git tells it of a project's folder; empty where there is no Git or it has no such file. */
  public static Optional<Revision> of(Path folder) {
    // A project unpacked inside another's repository is none of its files.
    return git(folder, "ls-files", "pom.xml")
        .filter(file -> !file.isEmpty())
        .flatMap(file -> git(folder, "rev-parse", "HEAD"))
        .flatMap(
            commit ->
                git(folder, "status", "--porcelain", "--untracked-files=no")
                    .map(changes -> new Revision(commit, !changes.isEmpty())));
  }

  /** For readers. */
  public String words() {
    return commit + (changed ? ", with changes" : "");
  }

  private static Optional<String> git(Path folder, String... arguments) {
    List<String> command = new ArrayList<>(List.of("git", "--no-optional-locks"));
    command.addAll(List.of(arguments));
    try {
      Process git =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String said = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      boolean ended = git.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      return ended && git.exitValue() == 0 ? Optional.of(said.strip()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
