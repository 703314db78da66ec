package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.eval.report.Graph;
import dev.luthier.eval.scaling.PowerLaw;
import dev.luthier.eval.scaling.StepsToTarget;
import dev.luthier.run.batch.CriticalBatch;
import dev.luthier.run.batch.CriticalGraphs;
import dev.luthier.testing.Proves;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchCommandsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;
  private Workshop shop = new Workshop(Path.of(""));

  @BeforeEach
  void furnish() throws IOException {
    shop = Workshop.furnished(folder);
  }

  @Test
  @Proves("batch-size-effects")
  void a_sweep_tells_what_batches_do_to_loss_gap_time_and_noise() throws IOException {
    JsonNode trials = JSON.readTree(run("batch-sizes", "--batch", "4,16", "--json"));

    assertThat(trials).hasSize(2);
    JsonNode small = trials.get(0);
    JsonNode large = trials.get(1);
    assertThat(small.get("steps").asInt()).as("27 of 36 examples, thrice").isEqualTo(27);
    assertThat(large.get("steps").asInt()).isEqualTo(9);
    for (JsonNode t : trials) {
      double gap = t.get("validation-loss").asDouble() - t.get("training-loss").asDouble();
      assertThat(t.get("gap").asDouble()).isCloseTo(gap, within(1e-9));
      assertThat(t.get("cpu-seconds").asDouble()).isPositive();
      assertThat(t.get("noise-before").asDouble()).isPositive();
      assertThat(t.has("noise-after")).isTrue();
    }
    assertThat(small.get("noise-before"))
        .as("of the same weights")
        .isEqualTo(large.get("noise-before"));

    JsonNode whole =
        JSON.readTree(run("batch-sizes", "--batch", "4,16", "--at-once", "16", "--json"));
    assertThat(whole.get(1).get("training-loss").asDouble())
        .as("a batch of 16 is the same in parts of 4")
        .isCloseTo(large.get("training-loss").asDouble(), within(1e-4));

    Path log = shop.path("run.batch-sizes.jsonl");
    List<String> before = Files.readAllLines(log);
    run("batch-sizes", "--batch", "4,16");
    assertThat(Files.readAllLines(log)).as("what is there is not made again").isEqualTo(before);
    assertThat(shop.out()).contains("training", "validation", "gap", "cpu s/1000", "noise scale");
    for (String graph : List.of("Loss", "Generalization gap", "Time", "Gradient noise")) {
      assertThat(shop.out()).as("in the terminal").contains(graph + ": ");
      assertThat(shop.path("run.batch-sizes.html"))
          .content()
          .contains("aria-label=\"" + graph + ": ", ">batch size, examples</text>");
    }
    assertThat(shop.path("run.batch-sizes.html"))
        .content()
        .contains("gap from " + significant(small.get("gap")) + " at 4 to ")
        .contains("cpu seconds per 1000 examples", "<td class=\"num\">27</td>");
  }

  private static String significant(JsonNode value) {
    return new BigDecimal(value.asText())
        .round(new MathContext(4))
        .stripTrailingZeros()
        .toPlainString()
        .replace('-', '−');
  }

  @Test
  @Proves("p-critical-batch")
  void the_critical_batch_is_where_steps_exceed_linear_scaling_by_a_fifth() throws IOException {
    String[] options = {
      "--target", "0.9", "--batch", "4,8,16", "--shares", "0.5,1", "--window", "40"
    };
    List<String> words = new ArrayList<>(Arrays.asList(options));
    words.addAll(List.of("--set", "train.epochs=12", "--set", "train.evaluate-every=1", "--json"));
    JsonNode found = JSON.readTree(run("critical-batch", words.toArray(String[]::new)));

    assertThat(found.get("searches")).hasSize(2);
    for (JsonNode search : found.get("searches")) {
      double first = search.at("/reached/0/steps").asDouble();
      double last = search.at("/reached/2/steps").asDouble();
      assertThat(last).as("larger batches need fewer steps").isBetween(1.0, first);
    }
    assertThat(found.at("/searches/0/examples").asInt() * 2)
        .isCloseTo(found.at("/searches/1/examples").asInt(), within(1));
    assertThat(shop.path("run.critical-batch.html"))
        .content()
        .contains("aria-label=\"Steps to the target: steps over batch size, examples; measured")
        .contains("aria-label=\"Examples to the target: ", "perfect scaling", "stroke-dasharray");

    words.remove("--json");
    String told = run("critical-batch", words.toArray(String[]::new));
    assertThat(told).contains("Steps to the target: steps", ". perfect scaling", ": fit");
  }

  @Test
  @Proves("p-critical-batch")
  void a_planted_law_is_recovered_and_drawn() {
    // Planted: steps a + b / B, of which the critical batch grows as 3 D^0.4.
    PowerLaw planted = new PowerLaw(3, 0.4);
    double[] data = {1e3, 1e4, 1e5};
    double[] critical = new double[data.length];
    for (int i = 0; i < data.length; i++) {
      double wanted = planted.at(data[i]);
      double from = wanted / 16;
      StepsToTarget curve = new StepsToTarget(40, 40 * (wanted - 1.2 * from) / 0.2, 1, from);
      double[] batches = {from, wanted / 4, wanted, wanted * 3, wanted * 6};
      double[] steps = Arrays.stream(batches).map(curve::at).toArray();
      critical[i] = StepsToTarget.fit(batches, steps).critical(StepsToTarget.OVERHEAD);
    }
    PowerLaw law = PowerLaw.fit(data, critical);
    assertThat(law.exponent()).isCloseTo(0.4, within(0.01));
    assertThat(law.factor()).isCloseTo(3, within(0.1));

    StepsToTarget curve = new StepsToTarget(40, 1600, 1, 4);
    double at = curve.critical(StepsToTarget.OVERHEAD);
    List<CriticalBatch.Reached> reached = new ArrayList<>();
    for (int batch : List.of(4, 16, 64)) {
      reached.add(new CriticalBatch.Reached(batch, 1000, 1, curve.at(batch)));
    }
    reached.add(new CriticalBatch.Reached(128, 1000, 1, null));
    Graph steps = CriticalGraphs.of(new CriticalBatch.Found(1000, reached, curve, at)).get(0);
    assertThat(steps.marks()).containsExactly(new Graph.Mark("critical batch 12.8", at));
    assertThat(steps.lines()).extracting(Graph.Line::name).contains("perfect scaling", "fit");
    assertThat(steps.lines().get(0).points()).as("one never came there").hasSize(3);
    Graph.Point end = steps.lines().get(1).points().get(24);
    assertThat(end.x()).isCloseTo(64, within(1e-9));
    assertThat(end.y()).as("a sixteenth of the steps").isCloseTo(440 / 16.0, within(1e-9));
  }

  @Test
  void what_cannot_be_compared_is_said_with_what_mends_it() {
    assertThat(
            shop.run(
                "batch-sizes",
                shop.path("recipe.yaml"),
                "--set",
                "data.split={test: 0.2}",
                "--batch",
                "8"))
        .isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("data.split.validation");
    assertThat(shop.run("batch-sizes", shop.path("recipe.yaml"), "--batch", "0"))
        .isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("--batch is too small: [0]");
  }

  private String run(String command, String... more) {
    List<Object> words = new ArrayList<>(List.of(command, shop.path("recipe.yaml")));
    words.addAll(List.of(more));
    assertThat(shop.run(words.toArray())).as(shop.err()).isZero();
    return shop.out();
  }
}
