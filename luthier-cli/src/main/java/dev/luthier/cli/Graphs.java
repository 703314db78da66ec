package dev.luthier.cli;

import dev.luthier.eval.report.Graph;
import dev.luthier.eval.report.SweepPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Shows graphs in the terminal, and writes them as a page. */
final class Graphs {
  private static final int COLUMN = 50;

  private Graphs() {}

  /** Two beside each other. */
  static void show(Terminal terminal, List<Graph> graphs) {
    for (int i = 0; i < graphs.size(); i += 2) {
      List<String> left = graphs.get(i).text();
      List<String> right = i + 1 < graphs.size() ? graphs.get(i + 1).text() : List.of();
      terminal.out().println();
      for (int row = 0; row < Math.max(left.size(), right.size()); row++) {
        String line = row < left.size() ? left.get(row) : "";
        String other = row < right.size() ? right.get(row) : "";
        String room = " ".repeat(Math.max(2, COLUMN - line.length()));
        terminal.out().println((line + room + other).stripTrailing());
      }
    }
  }

  /** Writes a page beside the numbers of the trials: the same name, which ends in html. */
  static Path write(Path numbers, SweepPage page) throws IOException {
    String name = numbers.getFileName().toString().replaceFirst("\\.jsonl?$", ".html");
    return Files.writeString(numbers.resolveSibling(name), page.html());
  }
}
