package dev.luthier.eval.report;

import java.util.List;

/**
 * A page about a recipe that was run in several ways: graphs, and the numbers behind them as
 * tables. It needs no other file, runs no script, and takes nothing it shows for markup.
 *
 * @param title of the page
 * @param about what was run
 * @param parts from top to bottom
 */
public record SweepPage(String title, String about, List<Part> parts) {

  /** Copies the list. */
  public SweepPage {
    parts = List.copyOf(parts);
  }

  /**
   * One part of the page.
   *
   * @param heading of the part
   * @param note how to read it
   * @param graphs to draw
   * @param columns of the table
   * @param rows of the table, each with a cell for every column
   */
  public record Part(
      String heading,
      String note,
      List<Graph> graphs,
      List<String> columns,
      List<List<String>> rows) {
    /** Copies the lists. */
    public Part {
      graphs = List.copyOf(graphs);
      columns = List.copyOf(columns);
      rows = List.copyOf(rows);
    }

    List<GraphPicture> pictures() {
      return graphs.stream().map(GraphPicture::of).toList();
    }
  }

  /** The page. */
  public String html() {
    return Templates.fill("sweep", this);
  }
}
