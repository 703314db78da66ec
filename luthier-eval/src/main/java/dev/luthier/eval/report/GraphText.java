package dev.luthier.eval.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A graph in letters: each line has a sign of its own, guides are dotted, marks are columns. */
final class GraphText {
  private static final int COLUMNS = 36;
  private static final int ROWS = 9;
  private static final int LABEL = 9;
  private static final String SIGNS = "*o+x";
  private static final String GUIDES = ".:";
  private static final char MARK = '|';

  private final Graph graph;
  private final Ruler x;
  private final Ruler y;
  private final char[][] grid = new char[ROWS][COLUMNS];

  private GraphText(Graph graph) {
    this.graph = graph;
    this.x = Ruler.over(graph.x().scale(), graph.across(), 0, COLUMNS - 1, 2);
    this.y = Ruler.over(graph.y().scale(), graph.upwards(), ROWS - 1, 0, 2);
    Arrays.stream(grid).forEach(row -> Arrays.fill(row, ' '));
  }

  static List<String> of(Graph graph) {
    if (graph.isBlank()) {
      return List.of(graph.title(), "nothing to draw", graph.remark());
    }
    return new GraphText(graph).lines();
  }

  private List<String> lines() {
    graph.drawnMarks().forEach(this::mark);
    List<String> legend = new ArrayList<>();
    List<Graph.Line> lines = graph.lines().stream().filter(l -> !l.style().hasDots()).toList();
    for (int i = 0; i < lines.size(); i++) {
      char sign = GUIDES.charAt(i % GUIDES.length());
      guide(lines.get(i), sign);
      legend.add(indent(sign + " " + lines.get(i).name()));
    }
    lines = graph.lines().stream().filter(l -> l.style().hasDots()).toList();
    for (int i = lines.size() - 1; i >= 0; i--) {
      char sign = SIGNS.charAt(i % SIGNS.length());
      dots(lines.get(i), sign);
      legend.add(0, indent(sign + " " + lines.get(i).name()));
    }
    graph.drawnMarks().forEach(m -> legend.add(indent(MARK + " " + m.name())));
    List<String> out = new ArrayList<>();
    out.add(graph.title() + ": " + graph.y().name());
    out.addAll(body());
    out.addAll(legend);
    if (!graph.remark().isEmpty()) {
      out.add(graph.remark());
    }
    return out;
  }

  private List<String> body() {
    List<String> out = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      String label = i == 0 ? end(y, true) : i == ROWS - 1 ? end(y, false) : "";
      out.add((" ".repeat(Math.max(0, LABEL - label.length())) + label) + " |" + row(i));
    }
    out.add(indent("+" + "-".repeat(COLUMNS)));
    String left = end(x, false);
    String right = end(x, true);
    int between = Math.max(1, COLUMNS - left.length() - right.length());
    out.add(indent(" " + left + " ".repeat(between) + right));
    out.add(indent(" " + graph.x().name()));
    return out;
  }

  private String row(int i) {
    return new String(grid[i]).stripTrailing();
  }

  private static String indent(String text) {
    return " ".repeat(LABEL + 1) + text;
  }

  private static String end(Ruler ruler, boolean high) {
    double place = high ? ruler.axis().high() : ruler.axis().low();
    return ruler.scale().text(ruler.scale().value(place), 6);
  }

  private void mark(Graph.Mark mark) {
    int column = (int) Math.round(x.position(mark.x()));
    for (char[] row : grid) {
      row[column] = MARK;
    }
  }

  private void dots(Graph.Line line, char sign) {
    for (Graph.Point p : graph.drawn(line)) {
      grid[(int) Math.round(y.position(p.y()))][(int) Math.round(x.position(p.x()))] = sign;
    }
  }

  /** Every column between the first point and the last. */
  private void guide(Graph.Line line, char sign) {
    List<Graph.Point> points = graph.drawn(line);
    for (int i = 1; i < points.size(); i++) {
      double fromX = x.position(points.get(i - 1).x());
      double toX = x.position(points.get(i).x());
      double fromY = y.position(points.get(i - 1).y());
      double toY = y.position(points.get(i).y());
      for (int column = (int) Math.ceil(fromX); column <= toX; column++) {
        double share = toX > fromX ? (column - fromX) / (toX - fromX) : 0;
        grid[(int) Math.round(fromY + share * (toY - fromY))][column] = sign;
      }
    }
  }
}
