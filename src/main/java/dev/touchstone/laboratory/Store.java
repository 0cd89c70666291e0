package dev.touchstone.laboratory;

import dev.touchstone.statistics.LossSum;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.SynchronousMode;

/**
 * What has been measured, in an SQLite database: per run (one line that says all it depends on) and
 * chunk a summed loss, and per chunk the summed head outputs. Several processes may use it at once;
 * whatever was recorded survives the death of the process that recorded it.
 */
final class Store implements AutoCloseable {
  private static final int WAIT_FOR_OTHERS_MILLIS = 120_000;
  private static final String[] SCHEMA = {
    """
    CREATE TABLE IF NOT EXISTS run (
      id INTEGER PRIMARY KEY,
      description TEXT NOT NULL UNIQUE,
      begun TEXT NOT NULL)
    """,
    """
    CREATE TABLE IF NOT EXISTS loss (
      run INTEGER NOT NULL REFERENCES run,
      start INTEGER NOT NULL,
      sum REAL NOT NULL,
      count INTEGER NOT NULL,
      PRIMARY KEY (run, start)) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS head_sum (
      run INTEGER NOT NULL REFERENCES run,
      start INTEGER NOT NULL,
      sums BLOB NOT NULL,
      PRIMARY KEY (run, start)) WITHOUT ROWID
    """
  };

  private final Connection connection;
  private final Path file;

  private Store(Path file, Connection connection) {
    this.file = file;
    this.connection = connection;
  }

  /**
   * Opens the database or makes it. One that is damaged is moved aside under a name that says so,
   * with a line on standard error, and a new one begun: what it held is measured again.
   */
  static Store open(Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      try {
        return connect(file);
      } catch (SQLException damaged) {
        if (!Files.exists(file)) {
          throw damaged;
        }
        Path aside =
            file.resolveSibling(file.getFileName() + ".damaged-" + Instant.now().toEpochMilli());
        Files.move(file, aside);
        Files.deleteIfExists(file.resolveSibling(file.getFileName() + "-wal"));
        Files.deleteIfExists(file.resolveSibling(file.getFileName() + "-shm"));
        System.err.println(
            file
                + " is damaged ("
                + damaged.getMessage()
                + "); it now lies at "
                + aside
                + ", and what it held will be measured again");
        return connect(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the laboratory's record " + file + " cannot be made", e);
    } catch (SQLException e) {
      throw failed(file, e);
    }
  }

  private static Store connect(Path file) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(JournalMode.WAL);
    config.setSynchronous(SynchronousMode.NORMAL);
    config.setBusyTimeout(WAIT_FOR_OTHERS_MILLIS);
    Connection connection =
        DriverManager.getConnection("jdbc:sqlite:" + file, config.toProperties());
    try (Statement statement = connection.createStatement()) {
      for (String table : SCHEMA) {
        statement.execute(table);
      }
      try (ResultSet check = statement.executeQuery("PRAGMA quick_check")) {
        if (!check.next() || !check.getString(1).equals("ok")) {
          throw new SQLException("quick_check: " + check.getString(1));
        }
      }
      return new Store(file, connection);
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /** The number of a run, new if need be. */
  synchronized long run(String description) {
    try (PreparedStatement insert =
            connection.prepareStatement(
                "INSERT OR IGNORE INTO run (description, begun) VALUES (?, ?)");
        PreparedStatement select =
            connection.prepareStatement("SELECT id FROM run WHERE description = ?")) {
      select.setString(1, description);
      Optional<Long> known = number(select);
      if (known.isPresent()) {
        return known.get();
      }
      insert.setString(1, description);
      insert.setString(2, Instant.now().toString());
      insert.executeUpdate();
      return number(select).orElseThrow();
    } catch (SQLException e) {
      throw failed(file, e);
    }
  }

  private static Optional<Long> number(PreparedStatement select) throws SQLException {
    try (ResultSet rows = select.executeQuery()) {
      return rows.next() ? Optional.of(rows.getLong(1)) : Optional.empty();
    }
  }

  /** The losses recorded for a run, by the position in the corpus where each chunk starts. */
  synchronized Map<Integer, LossSum> losses(long run) {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT start, sum, count FROM loss WHERE run = ?")) {
      select.setLong(1, run);
      Map<Integer, LossSum> losses = new HashMap<>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          losses.put(rows.getInt(1), new LossSum(rows.getDouble(2), rows.getLong(3)));
        }
      }
      return losses;
    } catch (SQLException e) {
      throw failed(file, e);
    }
  }

  /** Records losses in one transaction; one that another process recorded meanwhile stays. */
  synchronized void record(long run, Map<Integer, LossSum> losses) {
    transaction(
        "INSERT OR IGNORE INTO loss (run, start, sum, count) VALUES (?, ?, ?, ?)",
        insert -> {
          for (var loss : losses.entrySet()) {
            insert.setLong(1, run);
            insert.setInt(2, loss.getKey());
            insert.setDouble(3, loss.getValue().sum());
            insert.setLong(4, loss.getValue().count());
            insert.addBatch();
          }
        });
  }

  /** The summed head outputs recorded for a run, float64, by the chunk's start. */
  synchronized Map<Integer, double[]> headSums(long run) {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT start, sums FROM head_sum WHERE run = ?")) {
      select.setLong(1, run);
      Map<Integer, double[]> sums = new HashMap<>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          ByteBuffer bytes = ByteBuffer.wrap(rows.getBytes(2));
          double[] values = new double[bytes.remaining() / Double.BYTES];
          bytes.asDoubleBuffer().get(values);
          sums.put(rows.getInt(1), values);
        }
      }
      return sums;
    } catch (SQLException e) {
      throw failed(file, e);
    }
  }

  /** Records the summed head outputs of a chunk. */
  synchronized void recordHeadSums(long run, int start, double[] sums) {
    ByteBuffer bytes = ByteBuffer.allocate(sums.length * Double.BYTES);
    bytes.asDoubleBuffer().put(sums);
    transaction(
        "INSERT OR IGNORE INTO head_sum (run, start, sums) VALUES (?, ?, ?)",
        insert -> {
          insert.setLong(1, run);
          insert.setInt(2, start);
          insert.setBytes(3, bytes.array());
          insert.addBatch();
        });
  }

  private interface Rows {
    void addTo(PreparedStatement insert) throws SQLException;
  }

  private void transaction(String sql, Rows rows) {
    try (PreparedStatement insert = connection.prepareStatement(sql)) {
      connection.setAutoCommit(false);
      try {
        rows.addTo(insert);
        insert.executeBatch();
        connection.commit();
      } catch (SQLException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      throw failed(file, e);
    }
  }

  private static IllegalStateException failed(Path file, SQLException e) {
    return new IllegalStateException(
        "the laboratory's record "
            + file
            + " cannot be used: "
            + e.getMessage()
            + "; delete it to measure everything again",
        e);
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw failed(file, e);
    }
  }
}
