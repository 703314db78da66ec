package dev.luthier.data.read;

import dev.luthier.data.DataException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/**
 * An embedded database that can read one file and nothing else: no other file, no network, no
 * extension, no setting can be reached from it, and it writes nothing, not even temporary files.
 * Memory is bounded and one thread does the work, so rows come in the file's order.
 */
final class Session implements AutoCloseable {
  private static final String MEMORY = "2GB";

  private final Connection connection;

  /** Opens the database for this file. */
  Session(Path file) throws SQLException {
    connection = connect();
    try {
      execute("SET allowed_paths = [" + Sql.literal(file.toString()) + "]");
      execute("SET enable_external_access = false");
      execute("SET lock_configuration = true");
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /** The rows that a query yields, one at a time. */
  interface Rows {
    /** Takes the current row. */
    void accept(ResultSet row) throws SQLException;
  }

  /** Runs a query and hands over its rows in order. */
  void query(String sql, Rows rows) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        rows.accept(result);
      }
    }
  }

  /** The first column of every row that a query yields. */
  List<String> texts(String sql) throws SQLException {
    List<String> values = new ArrayList<>();
    query(sql, row -> values.add(row.getString(1)));
    return values;
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }

  private static Connection connect() throws SQLException {
    Properties settings = new Properties();
    settings.setProperty("threads", "1");
    settings.setProperty("memory_limit", MEMORY);
    settings.setProperty("temp_directory", "");
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("autoload_known_extensions", "false");
    settings.setProperty("allow_community_extensions", "false");
    settings.setProperty("jdbc_stream_results", "true");
    try {
      Connection opened = DriverManager.getConnection("jdbc:duckdb:", settings);
      UnpackedDriver.delete();
      return opened;
    } catch (LinkageError e) {
      throw new DataException(
          "the embedded database DuckDB cannot be loaded on this machine: " + e.getMessage(), e);
    }
  }
}
