package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.testing.Proves;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeedsCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String WEIGHTS = "adapter/adapter_model.safetensors";

  @TempDir private Path folder;
  private Workshop shop = new Workshop(Path.of(""));

  @BeforeEach
  void furnish() throws IOException {
    shop = Workshop.furnished(folder);
    shop.recipe("[{lora: {r: 4, alpha: 8}}]", 1);
  }

  @Test
  @Proves("seed-variance")
  void the_spread_over_seeds_is_that_of_the_runs_and_a_seed_gives_the_same_run_to_the_bit()
      throws IOException {
    seeds("--seeds", "3");

    assertThat(shop.out()).contains("over 3 seeds", "mean", "sd", "min", "max", "Accuracy, test");
    JsonNode told = json("run/seeds.json");
    assertThat(told.get("seeds")).hasToString("[7,8,9]");
    DoubleSummaryStatistics losses = new DoubleSummaryStatistics();
    List<Double> each = new ArrayList<>();
    for (int seed = 7; seed <= 9; seed++) {
      double loss = lastLoss("run/seed-" + seed);
      losses.accept(loss);
      each.add(loss);
    }
    JsonNode spread = told.at("/spreads/loss, training");
    double squares = each.stream().mapToDouble(l -> Math.pow(l - losses.getAverage(), 2)).sum();
    assertThat(spread.get("mean").asDouble()).isCloseTo(losses.getAverage(), within(1e-6));
    assertThat(spread.get("deviation").asDouble()).isCloseTo(Math.sqrt(squares / 2), within(1e-6));
    assertThat(spread.get("least").asDouble()).isCloseTo(losses.getMin(), within(1e-6));
    assertThat(spread.get("most").asDouble()).isCloseTo(losses.getMax(), within(1e-6));
    assertThat(losses.getMin()).isLessThan(losses.getMax());

    seeds("--seeds", "1", "--first", "8", "--set", "output=" + shop.path("again"));
    assertThat(bytes("again/seed-8/")).isEqualTo(bytes("run/seed-8/"));
    assertThat(bytes("run/seed-7/")).isNotEqualTo(bytes("run/seed-8/"));

    String still = "optimizer={sgd: {lr: 1e-100}}"; // What was drawn stays as it was.
    seeds("--seeds", "2", "--vary", "init", "--set", still, "--set", "output=" + shop.path("init"));
    assertThat(bytes("init/init-seed-7/")).isNotEqualTo(bytes("init/init-seed-8/"));
    assertThat(rows("init/init-seed-7")).isEqualTo(rows("init/init-seed-8"));
    seeds("--seeds", "2", "--vary", "data", "--set", still, "--set", "output=" + shop.path("data"));
    assertThat(bytes("data/data-seed-7/")).isEqualTo(bytes("data/data-seed-8/"));
    assertThat(rows("data/data-seed-7")).isNotEqualTo(rows("data/data-seed-8"));
  }

  @Test
  void runs_that_are_there_are_kept_and_one_that_was_interrupted_goes_on() throws IOException {
    seeds("--seeds", "1");
    Path first = shop.path("run/seed-7/report.json");
    var made = Files.getLastModifiedTime(first);
    assertThat(
            shop.train(
                "--set", "train.seed=8", "--set", "output=" + shop.path("run/seed-8"), "--json"))
        .isZero();
    Path interrupted = shop.path("run/seed-8/run.json");
    Files.writeString(
        interrupted, Files.readString(interrupted).replace("\"complete\"", "\"running\""));

    seeds("--seeds", "2");

    assertThat(Files.getLastModifiedTime(first)).isEqualTo(made);
    assertThat(shop.err()).contains("going on after step").doesNotContain("training on");
    assertThat(json("run/seeds.json").get("seeds")).hasToString("[7,8]");
  }

  @Test
  void a_run_that_was_killed_before_its_report_is_brought_to_it() throws IOException {
    seeds("--seeds", "1");
    Path report = shop.path("run/seed-7/report.json");
    byte[] whole = Files.readAllBytes(report);
    Files.delete(report);
    Files.delete(shop.path("run/seed-7/report.html"));
    seeds("--seeds", "1");
    assertThat(json("run/seeds.json").at("/spreads").has("Accuracy, test")).isTrue();
    assertThat(JSON.readTree(report.toFile()).at("/metrics"))
        .isEqualTo(JSON.readTree(whole).at("/metrics"));
  }

  @Test
  void runs_of_another_recipe_are_not_counted_together() throws IOException {
    seeds("--seeds", "1");
    assertThat(shop.run("seeds", shop.path("recipe.yaml"), "--set", "train.batch=4"))
        .isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("seed-7 holds a run of another recipe", "--set output=FOLDER");
  }

  private void seeds(Object... more) {
    List<Object> words = new ArrayList<>(List.of("seeds", shop.path("recipe.yaml")));
    words.addAll(List.of(more));
    assertThat(shop.run(words.toArray())).as(shop.err()).isZero();
  }

  private byte[] bytes(String run) throws IOException {
    return Files.readAllBytes(shop.path(run + WEIGHTS));
  }

  private JsonNode json(String file) throws IOException {
    return JSON.readTree(shop.path(file).toFile());
  }

  private List<JsonNode> steps(String run) throws IOException {
    List<JsonNode> out = new ArrayList<>();
    for (String line : Files.readAllLines(shop.path(run + "/metrics.jsonl"))) {
      JsonNode read = JSON.readTree(line);
      if (read.has("loss")) {
        out.add(read);
      }
    }
    return out;
  }

  private double lastLoss(String run) throws IOException {
    List<JsonNode> steps = steps(run);
    return steps.get(steps.size() - 1).get("loss").asDouble();
  }

  /** How many tokens each batch had: which examples it was made of. */
  private List<Integer> rows(String run) throws IOException {
    return steps(run).stream().map(s -> s.get("tokens").asInt()).toList();
  }
}
