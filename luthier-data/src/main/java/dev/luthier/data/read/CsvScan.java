package dev.luthier.data.read;

import dev.luthier.data.DataException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Walks once over a delimited file before the database reads it, and vouches for its shape: UTF-8
 * throughout, every quote closed, every record of as many fields as the first. What the database
 * would pass over in silence (it ends without a word at a quote that is never closed) is an error
 * here, with its line.
 */
final class CsvScan {
  private enum State {
    FIELD_START,
    PLAIN,
    QUOTED,
    QUOTE_SEEN,
    AFTER_QUOTED
  }

  private final String file;
  private final CsvDialect dialect;
  private final StringBuilder field = new StringBuilder();
  private final List<String> first = new ArrayList<>();

  private State state = State.FIELD_START;
  private long records;
  private long line = 1;
  private long recordLine = 1;
  private int fields;
  private long length;
  private long longest;
  private boolean afterReturn;

  private CsvScan(String file, CsvDialect dialect) {
    this.file = file;
    this.dialect = dialect;
  }

  /**
   * What was found.
   *
   * @param first the fields of the first record; empty when the file has none
   * @param records the number of records, the first included
   * @param longest the number of bytes that the longest record takes at most
   */
  record Shape(List<String> first, long records, long longest) {}

  static Shape of(InputStream in, String file, CsvDialect dialect) throws IOException {
    return new CsvScan(file, dialect).walk(in);
  }

  private Shape walk(InputStream in) throws IOException {
    CharsetDecoder utf8 =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
    CharBuffer chars = CharBuffer.allocate(1 << 16);
    boolean beginning = true;
    boolean end = false;
    while (!end) {
      int read = in.read(bytes.array(), bytes.position(), bytes.remaining());
      end = read < 0;
      bytes.position(bytes.position() + Math.max(read, 0)).flip();
      CoderResult result = utf8.decode(bytes, chars, end);
      bytes.compact();
      chars.flip();
      if (beginning && chars.hasRemaining()) {
        beginning = false;
        if (chars.get(chars.position()) == '\uFEFF') {
          chars.get();
        }
      }
      while (chars.hasRemaining()) {
        take(chars.get());
      }
      chars.clear();
      if (result.isError()) {
        throw new DataException(
            "line %d of %s is not UTF-8; convert the file (for instance with iconv) and try again"
                .formatted(line, file));
      }
    }
    finish();
    return new Shape(first, records, 4 * longest);
  }

  private void take(char c) {
    if (afterReturn) {
      endLine(c);
      return;
    }
    length++;
    if (c == '\n') {
      line++;
    }
    switch (state) {
      case FIELD_START -> startOfField(c);
      case PLAIN -> plain(c);
      case QUOTED -> {
        if (isQuote(c)) {
          state = State.QUOTE_SEEN;
        } else {
          keep(c);
        }
      }
      case QUOTE_SEEN -> {
        if (isQuote(c)) {
          keep(c);
          state = State.QUOTED;
        } else {
          afterQuoted(c);
        }
      }
      case AFTER_QUOTED -> afterQuoted(c);
    }
  }

  /** A carriage return outside quotes is the first half of a line's end, and nothing else. */
  private void endLine(char c) {
    if (c != '\n') {
      throw new DataException(
          ("line %d of %s has a carriage return in it that no line feed follows. Put the field in"
                  + " quotes, or convert the file's line ends to those of Unix or Windows")
              .formatted(line, file));
    }
    afterReturn = false;
    line++;
    endRecord();
  }

  private void startOfField(char c) {
    if (isQuote(c)) {
      field.setLength(0);
      state = State.QUOTED;
    } else if (c == ' ' && dialect.delimiter() != ' ') {
      keep(c);
    } else {
      state = State.PLAIN;
      plain(c);
    }
  }

  private void plain(char c) {
    if (c == dialect.delimiter()) {
      endField();
    } else if (c == '\n') {
      endRecord();
    } else if (c == '\r') {
      afterReturn = true;
    } else {
      keep(c);
    }
  }

  private void afterQuoted(char c) {
    state = State.AFTER_QUOTED;
    if (c == dialect.delimiter() || c == '\n' || c == '\r') {
      plain(c);
    } else if (c != ' ') {
      throw new DataException(
          ("line %d of %s has text after a closing quote. Write a quote inside a quoted field"
                  + " twice, or set quote: none if quotes mean nothing in this file")
              .formatted(line, file));
    }
  }

  private void keep(char c) {
    if (records == 0) {
      field.append(c);
    }
  }

  private void endField() {
    fields++;
    if (records == 0) {
      first.add(field.toString());
      field.setLength(0);
    }
    state = State.FIELD_START;
  }

  private void endRecord() {
    boolean blank = length == 1;
    if (!blank || (records > 0 && first.size() == 1)) {
      endField();
      if (records > 0 && fields != first.size()) {
        throw new DataException(wrongNumberOfFields());
      }
      records++;
    }
    longest = Math.max(longest, length);
    state = State.FIELD_START;
    field.setLength(0);
    fields = 0;
    length = 0;
    recordLine = line;
  }

  private void finish() {
    if (state == State.QUOTED) {
      throw new DataException(
          ("line %d of %s opens a quote that is never closed. Close it, or set quote: none if"
                  + " quotes mean nothing in this file")
              .formatted(recordLine, file));
    }
    if (afterReturn) {
      endLine('\0');
    }
    if (length > 0) {
      length++; // as if the last line ended
      endRecord();
    }
  }

  private boolean isQuote(char c) {
    return dialect.quote() != null && c == dialect.quote();
  }

  private String wrongNumberOfFields() {
    String hint =
        fields > first.size() && dialect.quote() != null
            ? "Put a field that has a delimiter inside in quotes"
            : "Complete it, or set quote: none if quotes mean nothing in this file";
    return "line %d of %s has %d fields, the first record has %d. %s"
        .formatted(recordLine, file, fields, first.size(), hint);
  }
}
