package dev.touchstone.spark;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;

/** A laboratory's record, looked into while another process writes it. */
record RecordFile(Path file) {
  /** Every row, its numbers bit for bit, by what they depend on and the chunk. */
  Map<String, ByteBuffer> rows() throws SQLException {
    Map<String, ByteBuffer> rows = new TreeMap<>();
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(
                "SELECT description, part, numbers FROM measured JOIN run ON run.id = run")) {
      while (found.next()) {
        rows.put(found.getString(1) + " | " + found.getLong(2), ByteBuffer.wrap(found.getBytes(3)));
      }
    }
    return rows;
  }

  /** How many losses there are by now; none while there is no file. */
  long count() throws SQLException {
    if (!Files.exists(file)) {
      return 0;
    }
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet tables =
            statement.executeQuery("SELECT count(*) FROM sqlite_master WHERE name = 'measured'")) {
      if (tables.getLong(1) == 0) {
        return 0;
      }
      try (ResultSet rows =
          statement.executeQuery(
              """
              SELECT count(*) FROM measured JOIN run ON run.id = run
              WHERE description NOT LIKE '%| head means |%'
              """)) {
        return rows.getLong(1);
      }
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + file);
  }
}
