package dev.touchstone.bench;

import dev.touchstone.suite.soak.Held;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Samples this process's resident memory whenever a laboratory has recorded something, which is
 * after each intervention. Linux alone tells.
 */
final class ResidentMemory implements AutoCloseable {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final int MILLIS_BETWEEN_LOOKS = 100;

  private final Connection record;
  private final List<Double> samples = new ArrayList<>();
  private final ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor();
  private long version;
  private SQLException failure;

  private ResidentMemory(Connection record) throws SQLException {
    this.record = record;
    version = version();
  }

  /** Whether this system tells. */
  static boolean isKnown() {
    return Files.isReadable(STATUS);
  }

  /**
   * Begins to watch.
   *
   * @param record the laboratory's, which is there already
   */
  static ResidentMemory during(Path record) throws SQLException {
    ResidentMemory memory =
        new ResidentMemory(DriverManager.getConnection("jdbc:sqlite:" + record));
    memory.looking.scheduleWithFixedDelay(
        memory::look, MILLIS_BETWEEN_LOOKS, MILLIS_BETWEEN_LOOKS, TimeUnit.MILLISECONDS);
    return memory;
  }

  /** The most there ever was, in MB of 2^20 bytes. */
  static double peak() {
    return megabytes("VmHWM");
  }

  /**
   * What there was after each recording, in MB of 2^20 bytes.
   *
   * @throws SQLException when the record could not be watched to the end
   */
  synchronized List<Double> samples() throws SQLException {
    if (failure != null) {
      throw failure;
    }
    return List.copyOf(samples);
  }

  private synchronized void look() {
    try {
      long now = record.isClosed() ? version : version();
      if (now != version) {
        version = now;
        samples.add(megabytes("VmRSS"));
      }
    } catch (SQLException e) {
      failure = e;
      looking.shutdown();
    }
  }

  /** Another one after each transaction of another connection. */
  private long version() throws SQLException {
    try (Statement statement = record.createStatement();
        ResultSet version = statement.executeQuery("PRAGMA data_version")) {
      version.next();
      return version.getLong(1);
    }
  }

  private static double megabytes(String field) {
    try {
      return Held.megabytes(field);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized void close() throws SQLException {
    looking.shutdown();
    record.close();
  }
}
