package dev.luthier.run.rate;

import dev.luthier.train.rate.RateCurve;
import dev.luthier.train.rate.RateCurve.Point;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Draws the loss over the logarithm of the rate: in text, and as SVG. */
public final class RatePlot {
  private static final int COLUMNS = 64;
  private static final int ROWS = 14;
  private static final double WIDTH = 640;
  private static final double HEIGHT = 320;
  private static final double MARGIN = 48;
  private static final int DECADE = 10;

  private final List<Point> points;
  private final RateCurve curve;
  private final double first;
  private final double last;
  private final double low;
  private final double high;

  /**
   * @param curve with at least one point
   */
  public RatePlot(RateCurve curve) {
    this.curve = curve;
    this.points = curve.points();
    this.first = Math.log10(points.get(0).rate());
    double end = Math.log10(points.get(points.size() - 1).rate());
    this.last = end > first ? end : first + 1;
    this.low = points.stream().mapToDouble(Point::smoothed).min().orElse(0);
    double most = points.stream().mapToDouble(Point::smoothed).max().orElse(1);
    this.high = most > low ? most : low + 1;
  }

  /** From 0 at the lowest rate to 1 at the highest that was tried. */
  private double across(double rate) {
    return (Math.log10(rate) - first) / (last - first);
  }

  /** From 0 at the highest loss to 1 at the lowest. */
  private double down(double loss) {
    return (high - loss) / (high - low);
  }

  /** Lines of text, the highest loss on top; the suggestion is a column of bars. */
  public List<String> text() {
    char[][] grid = new char[ROWS][COLUMNS];
    Arrays.stream(grid).forEach(row -> Arrays.fill(row, ' '));
    Double suggested = curve.suggested();
    if (suggested != null) {
      for (char[] row : grid) {
        row[column(suggested)] = '|';
      }
    }
    points.forEach(
        p -> grid[(int) Math.round(down(p.smoothed()) * (ROWS - 1))][column(p.rate())] = '*');
    List<String> out = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      String label = i == 0 ? number(high) : i == ROWS - 1 ? number(low) : "";
      out.add(String.format(Locale.ROOT, "%10s |%s", label, new String(grid[i])).stripTrailing());
    }
    String right = number(Math.pow(DECADE, last));
    String left = number(Math.pow(DECADE, first));
    out.add(" ".repeat(11) + "+" + "-".repeat(COLUMNS));
    out.add(" ".repeat(12) + left + " ".repeat(COLUMNS - left.length() - right.length()) + right);
    return out;
  }

  private int column(double rate) {
    return (int) Math.round(Math.min(1, Math.max(0, across(rate))) * (COLUMNS - 1));
  }

  private static String number(double x) {
    return String.format(Locale.ROOT, "%.3g", x);
  }

  /** A picture that needs no other file. */
  public String svg() {
    StringBuilder out = new StringBuilder();
    out.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\""
                + " font-family=\"sans-serif\" font-size=\"12\">\n",
            WIDTH + 2 * MARGIN,
            HEIGHT + 2 * MARGIN));
    out.append("<title>Smoothed loss over the learning rate</title>\n");
    for (int e = (int) Math.ceil(first); e <= last; e++) {
      double x = x(Math.pow(DECADE, e));
      line(out, x, MARGIN, x, MARGIN + HEIGHT, "#ddd");
      text(out, x, MARGIN + HEIGHT + 18, "middle", "1e" + e);
    }
    text(out, MARGIN - 6, MARGIN + 4, "end", number(high));
    text(out, MARGIN - 6, MARGIN + HEIGHT + 4, "end", number(low));
    Double suggested = curve.suggested();
    if (suggested != null) {
      line(out, x(suggested), MARGIN, x(suggested), MARGIN + HEIGHT, "#d95f02");
      text(out, x(suggested), MARGIN - 8, "middle", "suggested " + number(suggested));
    }
    out.append("<path fill=\"none\" stroke=\"#1b6ca8\" stroke-width=\"2\" d=\"");
    for (int i = 0; i < points.size(); i++) {
      Point p = points.get(i);
      out.append(
          String.format(
              Locale.ROOT,
              "%s%.1f %.1f",
              i == 0 ? "M" : "L",
              x(p.rate()),
              MARGIN + down(p.smoothed()) * HEIGHT));
    }
    return out.append("\"/>\n</svg>\n").toString();
  }

  private double x(double rate) {
    return MARGIN + across(rate) * WIDTH;
  }

  private static void line(
      StringBuilder out, double x1, double y1, double x2, double y2, String colour) {
    out.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>\n",
            x1,
            y1,
            x2,
            y2,
            colour));
  }

  private static void text(StringBuilder out, double x, double y, String anchor, String says) {
    out.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n",
            x,
            y,
            anchor,
            says));
  }
}
