package dev.luthier.eval.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A picture of a confusion matrix. A cell is as strong as the share of the true label's examples
 * that it holds; right answers have one colour, errors another, so that few errors show among many
 * labels.
 *
 * @param title whose
 * @param width of the picture
 * @param height of the picture
 * @param left where the cells start
 * @param top where the cells start
 * @param side of all cells together
 * @param font size of the labels
 * @param grid the lines between the cells, as a path
 * @param rows the labels at the left, from the top
 * @param columns the labels above, from the left
 * @param cells those that hold examples
 */
record HeatMap(
    String title,
    String width,
    String height,
    String left,
    String top,
    String side,
    String font,
    String grid,
    List<Name> rows,
    List<Name> columns,
    List<Cell> cells) {
  private static final int NUMBERS_UP_TO = 14;
  private static final int MOST_LETTERS = 44;
  private static final double LETTER_WIDTH = 0.56;

  /** A label and where it stands along its edge. */
  record Name(String at, String text, String full) {}

  /**
   * A cell: its place, colour and strength, its number and the ink of that where there is room, and
   * what it says.
   */
  record Cell(
      String x,
      String y,
      String size,
      String style,
      String opacity,
      String textX,
      String textY,
      String number,
      String ink,
      String says) {}

  static HeatMap of(String title, List<String> labels, List<List<Long>> counts) {
    int n = labels.size();
    double size = n <= 5 ? 64 : n <= NUMBERS_UP_TO ? 44 : n <= 40 ? 18 : 10.5;
    double font = n <= NUMBERS_UP_TO ? 13 : n <= 40 ? 11 : 8.5;
    int letters = labels.stream().mapToInt(l -> Math.min(l.length(), MOST_LETTERS)).max().orElse(1);
    double margin = letters * font * LETTER_WIDTH + 10;
    double side = n * size;
    List<Name> names = new ArrayList<>();
    List<Cell> cells = new ArrayList<>();
    for (int t = 0; t < n; t++) {
      names.add(name(labels.get(t), margin + (t + 0.5) * size));
      long support = counts.get(t).stream().mapToLong(Long::longValue).sum();
      for (int p = 0; p < n; p++) {
        long count = counts.get(t).get(p);
        if (count > 0) {
          String says = says(labels.get(t), labels.get(p), count, support);
          cells.add(cell(t, p, count, (double) count / support, size, margin, n, says));
        }
      }
    }
    return new HeatMap(
        title,
        Axis.unit(margin + side + 8),
        Axis.unit(margin + side + 8),
        Axis.unit(margin),
        Axis.unit(margin),
        Axis.unit(side),
        Axis.unit(font),
        grid(n, size, margin),
        names,
        names,
        cells);
  }

  private static Cell cell(
      int truth,
      int predicted,
      long count,
      double share,
      double size,
      double margin,
      int labels,
      String says) {
    boolean right = truth == predicted;
    double x = margin + predicted * size;
    double y = margin + truth * size;
    return new Cell(
        Axis.unit(x + 0.5),
        Axis.unit(y + 0.5),
        Axis.unit(size - 1),
        right ? "tuned" : "error",
        opacity(share, right),
        Axis.unit(x + size / 2),
        Axis.unit(y + size / 2 + 4),
        labels <= NUMBERS_UP_TO ? Numbers.count(count) : "",
        right && share > 0.75 ? "on" : "off",
        says);
  }

  /** Errors are drawn stronger than their share, so that one in a hundred is seen. */
  static String opacity(double share, boolean right) {
    double strength = right ? 0.12 + 0.88 * share : 0.25 + 0.75 * Math.sqrt(share);
    return String.format(Locale.ROOT, "%.2f", strength);
  }

  private static String says(String truth, String predicted, long count, long support) {
    return truth.equals(predicted)
        ? "%s: %s of %s right".formatted(truth, Numbers.count(count), Numbers.count(support))
        : "%s taken for %s: %s of %s"
            .formatted(truth, predicted, Numbers.count(count), Numbers.count(support));
  }

  private static Name name(String label, double at) {
    String text =
        label.length() <= MOST_LETTERS ? label : label.substring(0, MOST_LETTERS - 1) + "…";
    return new Name(Axis.unit(at), text, label);
  }

  private static String grid(int n, double size, double margin) {
    StringBuilder path = new StringBuilder();
    String from = Axis.unit(margin);
    String length = Axis.unit(n * size);
    for (int k = 0; k <= n; k++) {
      String at = Axis.unit(margin + k * size);
      path.append("M%s %sh%s".formatted(from, at, length));
      path.append("M%s %sv%s".formatted(at, from, length));
    }
    return path.toString();
  }
}
