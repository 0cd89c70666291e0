package dev.touchstone;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A program of this build in a process of its own, which may be killed. */
public final class ChildJvm implements AutoCloseable {
  /** What a process that SIGKILL ended returns to a shell, and to Java. */
  public static final int KILLED = 128 + 9;

  private final Process process;
  private final BufferedReader said;
  private final BufferedWriter orders;
  private final Path complaints;

  private ChildJvm(Process process, Path complaints) {
    this.process = process;
    this.said = process.inputReader();
    this.orders = process.outputWriter();
    this.complaints = complaints;
  }

  /**
   * Starts a program.
   *
   * @param folder for its temporary files and what it says on standard error
   * @param wrapper a command that runs the rest of its line; may be empty
   */
  public static ChildJvm start(Path folder, List<String> wrapper, Class<?> main, String... args)
      throws IOException {
    List<String> command = new ArrayList<>(wrapper);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            "-Djava.io.tmpdir=" + folder,
            "-Dtouchstone.threads=1",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName()));
    command.addAll(List.of(args));
    Path complaints = Files.createTempFile(folder, "complaints", ".txt");
    return new ChildJvm(
        new ProcessBuilder(command).redirectError(complaints.toFile()).start(), complaints);
  }

  /** Waits until it says a line. */
  public ChildJvm until(String line) throws IOException {
    for (String next = said.readLine(); !line.equals(next); next = said.readLine()) {
      if (next == null) {
        throw new AssertionError("it ended before it said " + line + ": " + complaints());
      }
    }
    return this;
  }

  /** Says a line to it. */
  public ChildJvm tell(String line) throws IOException {
    orders.write(line);
    orders.newLine();
    orders.flush();
    return this;
  }

  /** What it says until it ends. */
  public Stream<String> rest() {
    return said.lines();
  }

  /** Kills it as {@code kill -9} does, unless it has ended. What it has said can still be read. */
  public void kill() {
    process.toHandle().destroyForcibly();
  }

  /** Waits for its end, and gives what it returns. */
  public int end() throws InterruptedException {
    return process.waitFor();
  }

  /** What it has said on standard error. */
  public String complaints() {
    try {
      return Files.readString(complaints);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
