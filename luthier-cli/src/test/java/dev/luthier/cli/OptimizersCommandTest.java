package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.testing.Proves;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OptimizersCommandTest {
  @TempDir private Path folder;

  @Test
  @Proves("p-good-optimizer")
  void the_final_loss_of_each_optimizer_is_told_by_its_rate() throws IOException {
    Workshop shop = Workshop.furnished(folder);
    shop.recipe("[full]", 6);
    List<Object> words = new ArrayList<>(List.of("optimizers", shop.path("recipe.yaml")));
    for (String optimizer : List.of("signum", "lion", "adafactor", "adalayer", "split")) {
      words.addAll(List.of("--try", optimizer));
    }
    words.addAll(List.of("--factors", "0.0001,1,10,100"));

    assertThat(shop.run(words.toArray())).as(shop.err()).isZero();
    assertThat(shop.out()).contains("rate", "training loss", "validation loss", "signum", "split");

    words.add("--json");
    Path log = shop.path("run.optimizers.jsonl");
    List<String> before = Files.readAllLines(log);
    assertThat(shop.run(words.toArray())).isZero();
    assertThat(Files.readAllLines(log)).as("nothing is run again").isEqualTo(before);
    JsonNode tried = new ObjectMapper().readTree(shop.out());
    assertThat(tried).hasSize(20);
    Set<Double> losses = new HashSet<>();
    for (int i = 0; i < tried.size(); i += 4) {
      double slow = tried.get(i).get("training-loss").asDouble();
      double best = slow;
      for (int j = 1; j < 4; j++) {
        best = Math.min(best, tried.get(i + j).get("training-loss").asDouble(slow));
      }
      assertThat(best).as("%s learns", tried.get(i)).isLessThan(slow);
      assertThat(losses.add(best)).as("%s is no other", tried.get(i)).isTrue();
    }
  }

  @Test
  void data_to_validate_on_are_asked_for_before_anything_is_trained() throws IOException {
    Workshop shop = Workshop.furnished(folder);
    shop.recipe("[full]", 1);
    List<Object> words = new ArrayList<>(List.of("optimizers", shop.path("recipe.yaml")));
    words.addAll(List.of("--try", "{sgd: {lr: 1e38}}", "--factors", "1"));
    for (String setting :
        List.of("data.split={test: 0.2}", "train.clip-norm=0", "schedule=constant")) {
      words.addAll(List.of("--set", setting));
    }
    assertThat(shop.run(words.toArray())).as("it would diverge").isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("there is nothing to validate on");
  }

  @Test
  void a_rate_that_diverges_is_told_and_does_not_end_the_sweep() throws IOException {
    Workshop shop = Workshop.furnished(folder);
    shop.recipe("[full]", 1);
    assertThat(
            shop.run(
                "optimizers",
                shop.path("recipe.yaml"),
                "--try",
                "{sgd: {lr: 1e38}}",
                "--try",
                "adamw",
                "--factors",
                "1",
                "--set",
                "train.clip-norm=0",
                "--set",
                "schedule=constant"))
        .as(shop.err())
        .isZero();
    assertThat(shop.out()).contains("not finite", "adamw");
  }
}
