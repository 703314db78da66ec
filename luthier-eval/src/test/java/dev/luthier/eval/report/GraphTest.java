package dev.luthier.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.eval.report.Graph.Line;
import dev.luthier.eval.report.Graph.Mark;
import dev.luthier.eval.report.Graph.Point;
import dev.luthier.eval.report.Graph.Quantity;
import dev.luthier.eval.report.Graph.Scale;
import dev.luthier.eval.report.Graph.Style;
import dev.luthier.testing.Proves;
import java.io.StringReader;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class GraphTest {
  private static final Quantity BATCH = new Quantity("batch size, examples", Scale.DOUBLING);
  private static final Quantity STEPS = new Quantity("steps", Scale.DOUBLING);
  private static final Line MEASURED =
      new Line(
          "measured",
          Style.MEASURED,
          List.of(new Point(4, 64), new Point(8, 32), new Point(16, 24), new Point(32, 20)));
  private static final Line PERFECT =
      new Line("perfect scaling", Style.GUIDE, List.of(new Point(4, 64), new Point(32, 8)));

  @Test
  @Proves("batch-size-effects")
  void a_doubling_is_as_long_as_the_next_and_marked_by_powers_of_two() {
    GraphPicture picture = GraphPicture.of(steps(MEASURED, PERFECT));

    assertThat(picture.xTicks()).extracting(Axis.Tick::label).containsExactly("4", "8", "16", "32");
    assertThat(picture.yTicks())
        .extracting(Axis.Tick::label)
        .containsExactly("8", "16", "32", "64");
    List<GraphPicture.Dot> dots = picture.lines().get(0).dots();
    double first = Double.parseDouble(dots.get(0).x());
    double second = Double.parseDouble(dots.get(1).x());
    double last = Double.parseDouble(dots.get(3).x());
    assertThat(last - first).isCloseTo(3 * (second - first), within(0.2));
    assertThat(dots.get(1).says()).isEqualTo("measured at 8: 32");
  }

  @Test
  @Proves("lr-finder")
  void ten_times_is_as_long_as_the_next_and_marked_by_powers_of_ten() {
    Line loss =
        new Line(
            "loss",
            Style.MEASURED,
            List.of(new Point(1e-5, 3), new Point(1e-4, 2), new Point(2e-2, 1)));
    Quantity rate = new Quantity("learning rate", Scale.DECADES);
    Graph graph =
        new Graph("Rates", rate, new Quantity("loss", Scale.LINEAR), List.of(loss), List.of());
    GraphPicture picture = GraphPicture.of(graph);

    assertThat(picture.xTicks())
        .extracting(Axis.Tick::label)
        .containsExactly("1e-5", "0.0001", "0.001", "0.01", "0.1");
    assertThat(picture.lines().get(0).dots().get(1).x()).isEqualTo(picture.xTicks().get(1).at());
    assertThat(picture.says())
        .isEqualTo("Rates: loss over learning rate; loss from 3 at 1e-5 to 1 at 0.02");
  }

  @Test
  @Proves("batch-size-effects")
  void a_mark_stands_at_its_value_and_is_told_to_who_does_not_see_it() {
    Mark mark = new Mark("critical batch 16", 16);
    Graph graph =
        new Graph("Steps to the target", BATCH, STEPS, List.of(MEASURED, PERFECT), List.of(mark));
    GraphPicture picture = GraphPicture.of(graph);

    assertThat(picture.marks().get(0).x()).isEqualTo(picture.lines().get(0).dots().get(2).x());
    assertThat(picture.says())
        .isEqualTo(
            "Steps to the target: steps over batch size, examples;"
                + " measured from 64 at 4 to 20 at 32; critical batch 16");

    Graph far =
        new Graph("Far", BATCH, STEPS, List.of(MEASURED), List.of(new Mark("critical", 1e6)));
    assertThat(GraphPicture.of(far).marks()).as("far beyond what was tried").isEmpty();
  }

  @Test
  void what_has_no_place_on_an_axis_is_counted() {
    Line noise =
        new Line(
            "noise",
            Style.MEASURED,
            List.of(
                new Point(4, 16), new Point(8, -3), new Point(16, Double.NaN), new Point(32, 64)));
    Graph graph = steps(noise);

    assertThat(GraphPicture.of(graph).remark())
        .isEqualTo("2 values are not drawn: not finite or not above 0");
    assertThat(GraphPicture.of(graph).lines().get(0).dots()).hasSize(2);
    assertThat(graph.text()).contains("2 values are not drawn: not finite or not above 0");

    Graph even =
        new Graph("Even", BATCH, new Quantity("gap", Scale.LINEAR), List.of(noise), List.of());
    assertThat(GraphPicture.of(even).lines().get(0).dots()).as("below zero has a place").hasSize(3);

    Graph blank = steps(new Line("noise", Style.MEASURED, List.of(new Point(4, -1))));
    assertThat(GraphPicture.of(blank).remark()).startsWith("Nothing to draw.");
    assertThat(blank.text()).contains("nothing to draw");
  }

  @Test
  @Proves("batch-size-effects")
  void in_text_perfect_scaling_is_a_straight_line_and_every_line_has_a_sign() {
    Mark mark = new Mark("critical batch 16", 16);
    Graph graph =
        new Graph("Steps to the target", BATCH, STEPS, List.of(MEASURED, PERFECT), List.of(mark));

    assertThat(graph.text())
        .contains("Steps to the target: steps")
        .contains("          * measured", "          . perfect scaling")
        .contains("          | critical batch 16", "           batch size, examples")
        .contains("           4" + " ".repeat(33) + "32");
    List<String> rows = graph.text().subList(1, 10);
    assertThat(rows.get(0)).startsWith("       64 |*");
    assertThat(rows.get(8)).startsWith("        8 |").endsWith(".");
    for (int row = 1; row < 8; row++) {
      int middle = 11 + Math.round(35f * row / 8);
      assertThat(rows.get(row).charAt(middle)).as("row %s", row).isIn('.', '*');
    }
  }

  @Test
  void a_page_shows_graphs_and_their_numbers_and_takes_nothing_for_markup() throws Exception {
    Graph graph = steps(MEASURED, PERFECT);
    List<List<String>> rows = List.of(List.of("4", "64"), List.of("8", "32"));
    SweepPage.Part part =
        new SweepPage.Part(
            "Part", "how to <b>read</b>", List.of(graph), List.of("batch", "n"), rows);
    String html = new SweepPage("A & <script>", "of \"x\"", List.of(part)).html();

    assertThat(html).doesNotContain("<script>", "<b>").contains("A &amp; &lt;script&gt;");
    Document page = parsed(html);
    assertThat(attributes(page.getElementsByTagName("svg"), "aria-label"))
        .containsExactly(GraphPicture.of(graph).says());
    assertThat(page.getElementsByTagName("circle").getLength()).isEqualTo(4);
    assertThat(attributes(page.getElementsByTagName("path"), "stroke-dasharray"))
        .contains("none", "5 4");
    assertThat(page.getElementsByTagName("td").item(3).getTextContent()).isEqualTo("32");
    assertThat(html).contains(">batch size, examples</text>", ">steps</text>");
  }

  private static Graph steps(Line... lines) {
    return new Graph("Steps to the target", BATCH, STEPS, Arrays.asList(lines), List.of());
  }

  private static Document parsed(String html) throws Exception {
    String xml = html.replace("<!DOCTYPE html>", "").replaceAll("<meta ([^>]*)>", "<meta $1/>");
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)));
  }

  private static List<String> attributes(NodeList nodes, String name) {
    return IntStream.range(0, nodes.getLength())
        .mapToObj(i -> ((Element) nodes.item(i)).getAttribute(name))
        .toList();
  }
}
