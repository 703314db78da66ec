package dev.luthier.cli;

import dev.luthier.data.Example;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Texts, one a line, read a few at a time, so that input without an end can be answered. */
final class TextLines implements AutoCloseable {
  private static final int MOST_CHARS = 1 << 20;

  private final BufferedReader in;
  private final String name;
  private final boolean skipEmpty;
  private long row;
  private long skipped;

  /**
   * @param name of the input in messages
   * @param skipEmpty whether empty lines are left out and counted; else the first is an error
   */
  TextLines(InputStream in, String name, boolean skipEmpty) {
    this.in = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
    this.name = name;
    this.skipEmpty = skipEmpty;
  }

  /**
   * The next texts: at least one, and no more than are there already, so that whoever writes line
   * by line is answered line by line.
   *
   * @return empty at the end
   */
  List<Example> next(int most) throws IOException {
    List<Example> out = new ArrayList<>();
    int chars = 0;
    while (out.isEmpty() || (out.size() < most && chars < MOST_CHARS && in.ready())) {
      String line = line();
      if (line == null) {
        break;
      }
      if (line.isBlank()) {
        skip();
      } else {
        out.add(new Example(row, line, null, null));
        chars += line.length();
      }
    }
    return out;
  }

  /** How many empty lines were left out. */
  long skipped() {
    return skipped;
  }

  private @Nullable String line() throws IOException {
    try {
      String line = in.readLine();
      row++;
      return line != null && row == 1 && line.startsWith("\uFEFF") ? line.substring(1) : line;
    } catch (CharacterCodingException e) {
      throw new MendableException(
          name + " is not text in UTF-8, soon after line " + row + "; convert it first");
    }
  }

  private void skip() {
    if (!skipEmpty) {
      throw new MendableException(
          "line " + row + " of " + name + " is empty. Leave it out, or say --skip-empty");
    }
    skipped++;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
