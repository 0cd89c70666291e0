package dev.touchstone.runtime;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The right to make a file, which one process at a time has. It lies beside that file as {@code
 * .lock}; the operating system takes it from a process that dies.
 */
public final class Turn implements AutoCloseable {
  private final Path lock;
  private final FileChannel channel;
  private boolean taken;

  private Turn(Path lock, FileChannel channel) {
    this.lock = lock;
    this.channel = channel;
  }

  /**
   * A turn at making a file, not taken yet. One object is to be asked again and again: to close a
   * lock's file may, on some systems, free what another thread holds.
   *
   * @throws IOException when the lock cannot be made
   */
  public static Turn at(Path file) throws IOException {
    Path lock = file.resolveSibling(file.getFileName() + ".lock");
    return new Turn(
        lock, FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE));
  }

  /**
   * Takes it unless another process, or another thread of this one, has it.
   *
   * @return whether it is this one's now
   */
  public boolean take() throws IOException {
    try {
      taken = taken || channel.tryLock() != null;
    } catch (OverlappingFileLockException anotherThread) {
      taken = false;
    }
    return taken;
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
