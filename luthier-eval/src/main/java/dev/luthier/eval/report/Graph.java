package dev.luthier.eval.report;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Numbers over a quantity that was varied, to be drawn as a picture or as text.
 *
 * @param title what is drawn
 * @param x what was varied, across
 * @param y what came of it, upwards
 * @param lines each with its points from left to right
 * @param marks places across that mean something
 */
public record Graph(String title, Quantity x, Quantity y, List<Line> lines, List<Mark> marks) {

  /** Copies the lists. */
  public Graph {
    lines = List.copyOf(lines);
    marks = List.copyOf(marks);
  }

  /** How values lie along an axis. */
  public enum Scale {
    /** Equal differences are equally long. */
    LINEAR(0),
    /** A doubling is as long as the next; only values above zero have a place. */
    DOUBLING(2),
    /** Ten times is as long as the next ten times; only values above zero have a place. */
    DECADES(10);

    private final int base;

    Scale(int base) {
      this.base = base;
    }

    /** Where a value lies along an even axis. */
    double even(double value) {
      return base == 0 ? value : Math.log(value) / Math.log(base);
    }

    /** The value at a place of an even axis. */
    double value(double even) {
      return base == 0 ? even : Math.pow(base, even);
    }

    /** A value as a reader wants it. */
    String text(double value, int digits) {
      return this == DECADES ? Numbers.ofAnySize(value) : Numbers.significant(value, digits);
    }
  }

  /** How a line is drawn. */
  public enum Style {
    /** What was measured: points joined by a line. */
    MEASURED("tuned"),
    /** What was measured and stands beside it. */
    BESIDE("base"),
    /** What would be if nothing were lost: a dashed line without points. */
    GUIDE("good"),
    /** What a formula makes of the measurements: a dashed line without points. */
    FIT("error"),
    /** Single measurements, of which a line shows the means: points without a line. */
    SINGLE("base");

    private final String colour;

    Style(String colour) {
      this.colour = colour;
    }

    String colour() {
      return colour;
    }

    boolean hasPath() {
      return this != SINGLE;
    }

    boolean hasDots() {
      return this != GUIDE && this != FIT;
    }
  }

  /**
   * What an axis shows.
   *
   * @param name in the field's words, with the unit after a comma
   */
  public record Quantity(String name, Scale scale) {
    boolean has(double value) {
      return Double.isFinite(value) && (scale == Scale.LINEAR || value > 0);
    }
  }

  /** One line; points may hold what cannot be drawn, which is counted. */
  public record Line(String name, Style style, List<Point> points) {
    /** Copies the points. */
    public Line {
      points = List.copyOf(points);
    }
  }

  /** What was varied and what came of it. */
  public record Point(double x, double y) {}

  /** A place across, and what it is. */
  public record Mark(String name, double x) {}

  /** The points of a line that have a place in the picture. */
  List<Point> drawn(Line line) {
    return line.points().stream().filter(p -> x.has(p.x()) && y.has(p.y())).toList();
  }

  /** The marks that have a place: none farther than eight times what was tried. */
  List<Mark> drawnMarks() {
    double most = points().mapToDouble(Point::x).max().orElse(0);
    return marks.stream().filter(m -> x.has(m.x()) && m.x() <= 8 * most).toList();
  }

  /** Whether no point at all has a place. */
  boolean isBlank() {
    return points().findAny().isEmpty();
  }

  /** How many points have no place in the picture. */
  long leftOut() {
    long all = lines.stream().mapToLong(l -> l.points().size()).sum();
    return all - points().count();
  }

  /** All values across that the picture must have room for. */
  DoubleStream across() {
    return DoubleStream.concat(
        points().mapToDouble(Point::x), drawnMarks().stream().mapToDouble(Mark::x));
  }

  /** All values upwards that the picture must have room for. */
  DoubleStream upwards() {
    return points().mapToDouble(Point::y);
  }

  private Stream<Point> points() {
    return lines.stream().flatMap(l -> drawn(l).stream());
  }

  /** What a reader must know of points that are not there; empty where all are. */
  String remark() {
    long left = leftOut();
    return left == 0
        ? ""
        : left
            + (left == 1 ? " value is" : " values are")
            + " not drawn: not finite or not above 0";
  }

  /** Lines of text of at most 47 letters, to be read in a terminal. */
  public List<String> text() {
    return GraphText.of(this);
  }
}
