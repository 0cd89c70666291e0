package dev.touchstone.runtime;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * The right to make a file, which one process at a time has. It lies beside that file as {@code
 * .lock}; the operating system takes it from a process that dies.
 */
public final class Turn implements AutoCloseable {
  private final Path lock;
  private final FileChannel channel;

  private Turn(Path lock, FileChannel channel) {
    this.lock = lock;
    this.channel = channel;
  }

  /**
   * Takes the turn unless another process, or another thread of this one, has it.
   *
   * @throws IOException when the lock cannot be made
   */
  public static Optional<Turn> take(Path file) throws IOException {
    Path lock = file.resolveSibling(file.getFileName() + ".lock");
    FileChannel channel =
        FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean taken = false;
    try {
      taken = channel.tryLock() != null;
    } catch (OverlappingFileLockException anotherThread) {
      // Not taken.
    } finally {
      if (!taken) {
        channel.close();
      }
    }
    return taken ? Optional.of(new Turn(lock, channel)) : Optional.empty();
  }

  /**
   * Takes the lock away once the file is made. Not before: who waits would have a turn at a lock
   * that is gone, and another at a new one.
   */
  public void done() throws IOException {
    Files.deleteIfExists(lock);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
