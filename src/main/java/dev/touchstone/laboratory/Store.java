package dev.touchstone.laboratory;

import dev.touchstone.runtime.Reason;
import dev.touchstone.runtime.Sha256;
import dev.touchstone.runtime.Turn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.zip.CRC32C;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteErrorCode;

/**
 * What has been measured, in an SQLite database: numbers by run (one line that says all they depend
 * on) and by part of it (a chunk or a candidate). Each row has a checksum over the line, the part
 * and the numbers, so that no damage gives a wrong number. Several processes may use it at once;
 * whatever was recorded survives the death of the process that recorded it.
 *
 * <p>Earlier versions kept tables {@code loss} and {@code head_sum}, without checksums. They are
 * left in their file for those versions, and never read.
 */
final class Store implements AutoCloseable {
  private static final int WAIT_FOR_OTHERS_MILLIS = 120_000;

  private static final int MILLIS_BETWEEN_TRIES = 5;

  /** The files of a database; itself last, for without it the others mean nothing. */
  private static final List<String> FILES = List.of("-wal", "-shm", "");

  private static final String[] SCHEMA = {
    """
    CREATE TABLE IF NOT EXISTS run (
      id INTEGER PRIMARY KEY,
      description TEXT NOT NULL UNIQUE,
      begun TEXT NOT NULL)
    """,
    """
    CREATE TABLE IF NOT EXISTS measured (
      run INTEGER NOT NULL REFERENCES run,
      part INTEGER NOT NULL,
      numbers BLOB NOT NULL,
      checksum INTEGER NOT NULL,
      PRIMARY KEY (run, part)) WITHOUT ROWID
    """
  };

  private static final String SELECT = "SELECT part, numbers, checksum FROM measured WHERE run = ?";
  private static final String DELETE = "DELETE FROM measured WHERE run = ? AND part = ?";
  private static final String INSERT_RUN =
      "INSERT OR IGNORE INTO run (id, description, begun) VALUES (?, ?, ?)";
  private static final String INSERT =
      "INSERT OR IGNORE INTO measured (run, part, numbers, checksum) VALUES (?, ?, ?, ?)";

  private final Connection connection;
  private final Path file;
  private final InstantSource clock;

  /** What is to be said when something is recorded that the next run will not find. */
  private Optional<String> warning = Optional.empty();

  private Store(Path file, Connection connection, InstantSource clock) {
    this.file = file;
    this.connection = connection;
    this.clock = clock;
  }

  /**
   * Opens the database or makes it. A damaged one is moved aside, with a line on standard error,
   * and a new one begun: what it held is measured again. One that cannot be written is copied to a
   * temporary folder and used there; one that cannot be made is made there. The first number that
   * is not kept so gives a line, too.
   *
   * @throws IllegalStateException when it can be neither read nor made; every file is then as it
   *     was
   */
  static Store open(Path file) {
    return open(file, Files::isWritable, InstantSource.system());
  }

  /**
   * As {@link #open(Path)}.
   *
   * @param writable whether a file, or the folder it is in, can be written
   */
  static Store open(Path file, Predicate<Path> writable, InstantSource clock) {
    try {
      if (keeps(file, writable)) {
        Files.createDirectories(file.toAbsolutePath().getParent());
        return connectOrReplace(file, clock);
      }
      Store unkept = connectOrReplace(copy(file), clock);
      unkept.warning =
          Optional.of(
              Files.exists(file)
                  ? file + " cannot be written: what it holds is used, and nothing new is kept"
                  : file + " cannot be made: what is measured is not kept for the next run");
      return unkept;
    } catch (IOException e) {
      throw new IllegalStateException(
          "the laboratory's record "
              + file
              + " cannot be made or read ("
              + Reason.of(e, file)
              + "): name a file in a folder that this user may write",
          e);
    } catch (SQLException e) {
      throw failed(file, e);
    }
  }

  /** Whether what is recorded can be kept, or why not is better said by whoever tries. */
  private static boolean keeps(Path file, Predicate<Path> writable) {
    Path folder = file.toAbsolutePath().getParent();
    while (!Files.exists(folder)) {
      folder = folder.getParent();
    }
    return Files.isDirectory(file)
        || !Files.isDirectory(folder)
        || writable.test(folder) && (!Files.exists(file) || writable.test(file));
  }

  private static Path copy(Path file) throws IOException {
    Path folder = Files.createTempDirectory("touchstone");
    folder.toFile().deleteOnExit();
    for (String suffix : FILES) {
      Path copied = folder.resolve(file.getFileName() + suffix);
      copied.toFile().deleteOnExit();
      // The index of the log is made anew from the log.
      if (!suffix.equals("-shm") && Files.exists(beside(file, suffix))) {
        Files.copy(beside(file, suffix), copied);
        copied.toFile().setWritable(true);
      }
    }
    return folder.resolve(file.getFileName());
  }

  private static Store connectOrReplace(Path file, InstantSource clock)
      throws IOException, SQLException {
    try {
      return checked(file, clock);
    } catch (SQLException e) {
      if (!damage(e)) {
        throw e;
      }
    }
    try (Turn turn = Turn.at(file)) {
      while (!turn.take()) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(MILLIS_BETWEEN_TRIES));
      }
      Store store = replaced(file, clock);
      turn.done();
      return store;
    }
  }

  private static Store replaced(Path file, InstantSource clock) throws IOException, SQLException {
    try {
      // Another process may have found it damaged, too, and replaced it by now.
      return checked(file, clock);
    } catch (SQLException e) {
      if (!damage(e)) {
        throw e;
      }
      setAside(file, e, clock);
      return checked(file, clock);
    }
  }

  private static Store checked(Path file, InstantSource clock) throws SQLException {
    try {
      if (Files.exists(file)) {
        check(file);
      }
      return connect(file, new SQLiteConfig(), clock);
    } catch (SQLException e) {
      // What is asked is the same every time, so if it cannot be asked of this file, it is the
      // file.
      throw code(e) == SQLiteErrorCode.SQLITE_ERROR ? damage(e.getMessage()) : e;
    }
  }

  private static void setAside(Path file, SQLException damage, InstantSource clock)
      throws IOException {
    long moment = clock.millis();
    // The clock may have been set back to a moment at which one was set aside already.
    while (Files.exists(beside(file, ".damaged-" + moment))) {
      moment++;
    }
    String aside = ".damaged-" + moment;
    for (String suffix : FILES) {
      if (Files.exists(beside(file, suffix))) {
        Files.move(beside(file, suffix), beside(file, aside + suffix));
      }
    }
    System.err.println(
        file
            + " is damaged ("
            + damage.getMessage()
            + "); it now lies at "
            + beside(file, aside)
            + ", and what it held will be measured again");
  }

  private static Path beside(Path file, String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  /** Whether the file's content is at fault, and not its surroundings: the disk, a lock, rights. */
  static boolean damage(SQLException e) {
    SQLiteErrorCode code = code(e);
    return code == SQLiteErrorCode.SQLITE_CORRUPT || code == SQLiteErrorCode.SQLITE_NOTADB;
  }

  private static SQLiteErrorCode code(SQLException e) {
    // An extended code has its kind in its lowest byte.
    return SQLiteErrorCode.getErrorCode(e.getErrorCode() & 0xff);
  }

  /** Only reads: closing what can be written would empty the log into a damaged database. */
  private static void check(Path file) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    try (Connection connection = connection(file, config);
        Statement statement = connection.createStatement();
        ResultSet check = statement.executeQuery("PRAGMA integrity_check(1)")) {
      String found = check.next() ? check.getString(1) : "it says nothing";
      if (!found.equals("ok")) {
        throw damage("integrity_check: " + found.replace("*** in database main ***\n", ""));
      }
    }
  }

  private static SQLException damage(String what) {
    return new SQLException(what, null, SQLiteErrorCode.SQLITE_CORRUPT.code);
  }

  /**
   * Waits for others as every later statement does. SQLite itself does not while a new file's
   * journal is chosen: of several that begin it together, all but one are refused at once.
   */
  private static Connection connection(Path file, SQLiteConfig config) throws SQLException {
    config.setBusyTimeout(WAIT_FOR_OTHERS_MILLIS);
    long begun = System.nanoTime();
    while (true) {
      try {
        // As a URI, for in a path the driver takes what follows a question mark for settings.
        return DriverManager.getConnection(
            "jdbc:sqlite:" + file.toAbsolutePath().toUri(), config.toProperties());
      } catch (SQLException e) {
        long waited = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        if (code(e) != SQLiteErrorCode.SQLITE_BUSY || waited >= WAIT_FOR_OTHERS_MILLIS) {
          throw e;
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(MILLIS_BETWEEN_TRIES));
      }
    }
  }

  /** Opens or makes a database with some limits. */
  static Store connect(Path file, SQLiteConfig config, InstantSource clock) throws SQLException {
    config.setJournalMode(JournalMode.WAL);
    config.setSynchronous(SynchronousMode.NORMAL);
    Connection connection = connection(file, config);
    try (Statement statement = connection.createStatement()) {
      for (String table : SCHEMA) {
        statement.execute(table);
      }
      for (String sql : List.of(SELECT, DELETE, INSERT_RUN, INSERT)) {
        connection.prepareStatement(sql).close();
      }
      return new Store(file, connection, clock);
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /**
   * The numbers recorded for a run, by part. Rows that are damaged are taken out, with a line on
   * standard error.
   */
  synchronized Map<Long, double[]> numbers(String run) {
    Map<Long, double[]> intact = new HashMap<>();
    List<Long> damaged = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(SELECT)) {
      select.setLong(1, id(run));
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          long part = rows.getLong(1);
          byte[] numbers = rows.getBytes(2);
          if (numbers == null || rows.getLong(3) != checksum(run, part, numbers)) {
            damaged.add(part);
          } else {
            double[] values = new double[numbers.length / Double.BYTES];
            ByteBuffer.wrap(numbers).asDoubleBuffer().get(values);
            intact.put(part, values);
          }
        }
      }
    } catch (SQLException e) {
      throw failed(file, e);
    }
    if (!damaged.isEmpty()) {
      System.err.printf(
          "%s: %d of %d rows of \"%s\" are damaged and will be measured again%n",
          file, damaged.size(), damaged.size() + intact.size(), run);
      transaction(
          DELETE,
          delete -> {
            for (long part : damaged) {
              delete.setLong(1, id(run));
              delete.setLong(2, part);
              delete.addBatch();
            }
          });
    }
    return intact;
  }

  /** Records numbers by part in one transaction; what another process recorded meanwhile stays. */
  synchronized void record(String run, Map<Long, double[]> byPart) {
    warning.ifPresent(System.err::println);
    warning = Optional.empty();
    long id = id(run);
    transaction(
        INSERT_RUN,
        insert -> {
          insert.setLong(1, id);
          insert.setString(2, run);
          insert.setString(3, clock.instant().toString());
          insert.addBatch();
        });
    transaction(
        INSERT,
        insert -> {
          for (var entry : byPart.entrySet()) {
            ByteBuffer numbers = ByteBuffer.allocate(entry.getValue().length * Double.BYTES);
            numbers.asDoubleBuffer().put(entry.getValue());
            insert.setLong(1, id);
            insert.setLong(2, entry.getKey());
            insert.setBytes(3, numbers.array());
            insert.setLong(4, checksum(run, entry.getKey(), numbers.array()));
            insert.addBatch();
          }
        });
  }

  private static long id(String run) {
    return HexFormat.fromHexDigitsToLong(
        Sha256.of(run.getBytes(StandardCharsets.UTF_8)).substring(0, 16));
  }

  private static long checksum(String run, long part, byte[] numbers) {
    CRC32C checksum = new CRC32C();
    checksum.update(run.getBytes(StandardCharsets.UTF_8));
    checksum.update(ByteBuffer.allocate(Long.BYTES).putLong(0, part));
    checksum.update(numbers);
    return checksum.getValue();
  }

  private interface Rows {
    void addTo(PreparedStatement statement) throws SQLException;
  }

  private void transaction(String sql, Rows rows) {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      connection.setAutoCommit(false);
      try {
        rows.addTo(statement);
        statement.executeBatch();
        connection.commit();
        connection.setAutoCommit(true);
      } catch (SQLException e) {
        endTransaction(e);
        throw e;
      }
    } catch (SQLException e) {
      throw failed(file, e);
    }
  }

  /** SQLite may have ended it itself, as on a full disk, and then there is nothing to take back. */
  private void endTransaction(SQLException failure) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      failure.addSuppressed(e);
    }
    try {
      connection.setAutoCommit(true);
    } catch (SQLException e) {
      failure.addSuppressed(e);
    }
  }

  private static IllegalStateException failed(Path file, SQLException e) {
    String remedy =
        switch (code(e)) {
          case SQLITE_FULL, SQLITE_IOERR -> "see that its disk works and has room, then run again";
          case SQLITE_BUSY, SQLITE_LOCKED -> "end the other process that holds it, then run again";
          case SQLITE_CORRUPT, SQLITE_NOTADB -> "run again, and it is set aside and begun anew";
          default -> "see that this user may read and write it and its folder, then run again";
        };
    return new IllegalStateException(
        "the laboratory's record %s cannot be used (%s), and was left as it is: %s"
            .formatted(file, e.getMessage(), remedy),
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
