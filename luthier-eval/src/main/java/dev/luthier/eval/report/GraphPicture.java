package dev.luthier.eval.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A graph as SVG.
 *
 * @param title what is drawn
 * @param says what a reader hears who does not see it
 * @param x the name of the axis across
 * @param y the name of the axis upwards
 * @param xTicks marks of the axis across
 * @param yTicks marks of the axis upwards
 * @param lines what is drawn
 * @param marks places across that mean something
 * @param remark of points that are not drawn
 */
record GraphPicture(
    String title,
    String says,
    String x,
    String y,
    List<Axis.Tick> xTicks,
    List<Axis.Tick> yTicks,
    List<Line> lines,
    List<Mark> marks,
    String remark) {
  private static final double LEFT = 56;
  private static final double RIGHT = 350;
  private static final double TOP = 16;
  private static final double BOTTOM = 190;
  private static final int TICKS = 5;

  /** One line: its name, its colour, its path and its points. */
  record Line(String name, String style, String path, String dashes, List<Dot> dots) {}

  /** A point, and what it says. */
  record Dot(String x, String y, String says) {}

  /** A place across, its name, and to which side of it the name stands. */
  record Mark(String x, String name, String textX, String anchor) {}

  static GraphPicture of(Graph graph) {
    if (graph.isBlank()) {
      return new GraphPicture(
          graph.title(),
          graph.title() + ": there is nothing to draw",
          graph.x().name(),
          graph.y().name(),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          "Nothing to draw. " + graph.remark());
    }
    Ruler x = Ruler.over(graph.x().scale(), graph.across(), LEFT, RIGHT, TICKS);
    Ruler y = Ruler.over(graph.y().scale(), graph.upwards(), BOTTOM, TOP, TICKS);
    return new GraphPicture(
        graph.title(),
        says(graph),
        graph.x().name(),
        graph.y().name(),
        x.ticks(),
        y.ticks(),
        graph.lines().stream().map(line -> line(graph, line, x, y)).toList(),
        graph.drawnMarks().stream().map(m -> mark(m, x)).toList(),
        graph.remark());
  }

  private static Line line(Graph graph, Graph.Line line, Ruler x, Ruler y) {
    StringBuilder path = new StringBuilder();
    List<Dot> dots = new ArrayList<>();
    for (Graph.Point p : graph.drawn(line)) {
      String at = x.at(p.x()) + " " + y.at(p.y());
      if (line.style().hasPath()) {
        path.append(path.isEmpty() ? 'M' : 'L').append(at);
      }
      if (line.style().hasDots()) {
        String says = "%s at %s: %s".formatted(line.name(), across(graph, p), upwards(graph, p));
        dots.add(new Dot(x.at(p.x()), y.at(p.y()), says));
      }
    }
    String dashes = line.style().hasDots() ? "none" : "5 4";
    return new Line(line.name(), line.style().colour(), path.toString(), dashes, dots);
  }

  private static Mark mark(Graph.Mark mark, Ruler x) {
    double at = x.position(mark.x());
    boolean right = at > (LEFT + RIGHT) / 2;
    return new Mark(
        Axis.unit(at), mark.name(), Axis.unit(right ? at - 4 : at + 4), right ? "end" : "start");
  }

  /** The axes, what each line ends at, and every mark. */
  private static String says(Graph graph) {
    String lines =
        graph.lines().stream()
            .filter(line -> line.style().hasDots() && !graph.drawn(line).isEmpty())
            .map(line -> ends(graph, line.name(), graph.drawn(line)))
            .collect(Collectors.joining("; "));
    String marks =
        graph.drawnMarks().stream().map(m -> "; " + m.name()).collect(Collectors.joining());
    return "%s: %s over %s; %s%s"
        .formatted(graph.title(), graph.y().name(), graph.x().name(), lines, marks);
  }

  private static String ends(Graph graph, String name, List<Graph.Point> points) {
    Graph.Point first = points.get(0);
    Graph.Point last = points.get(points.size() - 1);
    String start = upwards(graph, first) + " at " + across(graph, first);
    return first.equals(last)
        ? name + " " + start
        : "%s from %s to %s at %s"
            .formatted(name, start, upwards(graph, last), across(graph, last));
  }

  private static String across(Graph graph, Graph.Point p) {
    return graph.x().scale().text(p.x(), 9);
  }

  private static String upwards(Graph graph, Graph.Point p) {
    return graph.y().scale().text(p.y(), 4);
  }
}
