package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.train.Finding;
import dev.luthier.train.Listener.Evaluation;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Help.Ansi;

class SparklineTest {
  private static String of(int width, double... values) {
    Sparkline line = new Sparkline(width);
    for (double v : values) {
      line.add(v);
    }
    return line.text();
  }

  @Test
  void bars_reach_from_the_lowest_to_the_highest() {
    assertThat(of(8, 1, 2, 3, 8)).isEqualTo("▁▂▃█");
    assertThat(of(8, 5, 5)).isEqualTo("▁▁");
    assertThat(of(8, 2, Double.NaN, 1)).isEqualTo("█▁");
    assertThat(of(8)).isEmpty();
  }

  @Test
  void long_curve_keeps_its_beginning_and_its_width() {
    double[] falling = IntStream.range(0, 1000).mapToDouble(i -> 1000 - i).toArray();
    assertThat(of(8, falling)).hasSizeBetween(5, 8).startsWith("█").endsWith("▁");
    assertThat(of(4, 1, 1, 2, 2, 3)).isEqualTo("▁█");
    assertThat(of(4, 1, 1, 2, 2, 3, 3)).isEqualTo("▁▅█");
  }

  @Test
  void curves_are_drawn_where_a_person_watches_and_only_there() {
    assertThat(said(Ansi.ON)).contains("accuracy 0.5000 ▁", "accuracy 0.7500 ▁█", "try more data");
    assertThat(said(Ansi.OFF))
        .contains("accuracy 0.7500\n")
        .contains("after step 4, overfitting: it rises.\n  try more data\n")
        .doesNotContain("▁", "\u001b");
  }

  private static String said(Ansi ansi) {
    StringWriter err = new StringWriter();
    Terminal terminal =
        new Terminal(new PrintWriter(new StringWriter()), new PrintWriter(err, true), ansi);
    try (Progress progress = new Progress(terminal)) {
      progress.evaluated(new Evaluation(2, 1, Map.of("accuracy", 0.5)));
      progress.evaluated(new Evaluation(4, 2, Map.of("accuracy", 0.75)));
      progress.found(new Finding("overfitting", 4, 2, "it rises.", List.of("more data")));
    }
    return err.toString().replace(System.lineSeparator(), "\n");
  }
}
