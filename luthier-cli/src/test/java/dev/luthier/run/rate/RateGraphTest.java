package dev.luthier.run.rate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.eval.report.Graph;
import dev.luthier.testing.Proves;
import dev.luthier.train.rate.RateCurve;
import java.util.List;
import org.junit.jupiter.api.Test;

class RateGraphTest {
  @Test
  @Proves("lr-finder")
  void the_fall_is_drawn_with_its_marks_and_not_what_rises_far_beyond_the_start() {
    List<RateCurve.Point> points =
        List.of(at(1e-4, 4), at(1e-3, 3), at(1e-2, 2), at(1e-1, 4.9), at(1, 50));

    Graph graph = RateGraph.of(new RateCurve(points, 1e-3, 1e-2, 1.0));

    assertThat(graph.lines().get(0).points())
        .extracting(Graph.Point::y)
        .containsExactly(4.0, 3.0, 2.0, 4.9);
    assertThat(graph.marks())
        .extracting(Graph.Mark::name)
        .containsExactly("suggested 0.0010", "diverges at 1.0");
  }

  @Test
  void what_never_fell_is_drawn_whole() {
    List<RateCurve.Point> points = List.of(at(1e-4, 2), at(1e-3, 3));

    Graph graph = RateGraph.of(new RateCurve(points, null, 1e-4, null));

    assertThat(graph.lines().get(0).points()).hasSize(2);
    assertThat(graph.marks()).isEmpty();
    assertThat(graph.text()).contains("Learning rate: smoothed loss");
  }

  private static RateCurve.Point at(double rate, double loss) {
    return new RateCurve.Point(rate, loss, loss);
  }
}
