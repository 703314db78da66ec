package dev.luthier.cli;

import java.util.ArrayList;
import java.util.List;

/** Words set in lines of bounded width, whatever colours they carry. */
final class Inked {
  private static final int WIDTH = 96;

  private final String indent;
  private final List<String> lines = new ArrayList<>();
  private final StringBuilder line = new StringBuilder();
  private int width;

  Inked(String indent) {
    this.indent = indent;
  }

  /**
   * Adds a word.
   *
   * @param plain as wide as it is seen
   * @param painted the same with colours
   */
  void add(String plain, String painted) {
    if (width > 0 && width + 1 + plain.length() > WIDTH) {
      newLine();
    }
    line.append(width == 0 ? indent : " ").append(painted);
    width += (width == 0 ? indent.length() : 1) + plain.length();
  }

  /** Ends the line, if anything stands in it. */
  void newLine() {
    if (width > 0) {
      lines.add(line.toString());
      line.setLength(0);
      width = 0;
    }
  }

  /** All lines so far. */
  List<String> lines() {
    newLine();
    return List.copyOf(lines);
  }

  /** A text in which nothing commands the terminal. */
  static String visible(String text) {
    return text.replaceAll("\\p{Cntrl}", "\uFFFD");
  }
}
