package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.recipe.Recipes;
import dev.luthier.run.FineTuning;
import dev.luthier.run.Recipe;
import dev.luthier.testing.Proves;
import dev.luthier.train.Listener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Intermediate fine-tuning: two stages before the recipe itself. */
class StagesTest {
  private static final String STAGES =
      """
      before:
        - name: words
          task: masked-language-modelling
          data: {train: {file: related.csv, text: body}}
          train: {max-steps: 4, batch: 8, seed: 3}
        - name: related
          data: {train: {file: related.csv, text: body, label: intent}}
          adapt: [{lora: {r: 2, alpha: 4}}]
          train: {max-steps: 5, batch: 8, save-every: 2}
      """;

  @TempDir private Path folder;
  private Workshop shop = new Workshop(Path.of(""));

  @BeforeEach
  void furnish() throws IOException {
    shop = Workshop.furnished(folder);
    shop.model("bert-masked-lm", "model");
    shop.recipe("[full]", 2);
    shop.write("related.csv", Workshop.table(80).replace(",place", ",elsewhere"));
    shop.write("recipe.yaml", Files.readString(shop.path("recipe.yaml")) + STAGES);
  }

  private static JsonNode json(Path file) throws IOException {
    return new ObjectMapper().readTree(file.toFile());
  }

  @Test
  void a_plan_tells_of_every_run_that_the_recipe_makes() throws IOException {
    assertThat(shop.run("plan", shop.path("recipe.yaml"), "--json")).as(shop.err()).isZero();
    JsonNode plan = new ObjectMapper().readTree(shop.out());
    JsonNode before = plan.get("before");
    assertThat(before.findValuesAsText("name"))
        .containsExactly("stage 1, words", "stage 2, related", "without stages");
    assertThat(shop.train()).as(shop.err()).isZero();
    List<String> runs = List.of("stages/1-words", "stages/2-related", "direct");
    for (int i = 0; i < runs.size(); i++) {
      Path run = shop.path("run").resolve(runs.get(i));
      assertThat(before.get(i).get("steps").asLong())
          .isEqualTo(json(run.resolve("run.json")).get("steps").asLong());
      assertThat(before.get(i).get("disk").asLong())
          .isCloseTo(bytes(run), Percentage.withPercentage(30));
    }
    assertThat(shop.run("plan", shop.path("recipe.yaml"))).isZero();
    assertThat(shop.out()).contains("run before it", "stage 2, related", "with this");
  }

  private static long bytes(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(f -> f.toFile().length()).sum();
    }
  }

  @Test
  @Proves("intermediate-ft")
  void stages_are_chained_their_lineage_is_recorded_and_the_report_compares_the_direct_path()
      throws IOException {
    assertThat(shop.train()).as(shop.err()).isEqualTo(ExitCode.OK);
    Path run = shop.path("run");
    JsonNode facts = json(run.resolve("run.json"));
    JsonNode lineage = facts.get("lineage");
    assertThat(lineage).hasSize(2);
    assertThat(lineage.at("/0/name").asText()).isEqualTo("words");
    assertThat(lineage.at("/0/folder").asText()).isEqualTo("stages/1-words");
    assertThat(lineage.at("/0/steps").asInt()).isEqualTo(4);
    assertThat(lineage.at("/0/model").asText()).isEqualTo(shop.path("model").toString());
    assertThat(lineage.at("/1/name").asText()).isEqualTo("related");
    assertThat(lineage.at("/1/model").asText())
        .isEqualTo(run.resolve("stages/1-words/model").toString());
    assertThat(lineage.at("/1/data-sha256").asText())
        .isNotEqualTo(facts.get("data-sha256").asText());
    assertThat(facts.get("model").asText())
        .isEqualTo(run.resolve("stages/2-related/model").toString());
    assertThat(run.resolve("stages/2-related/adapter"))
        .as("what an adapter learnt is folded into the weights")
        .doesNotExist();

    String report = Files.readString(run.resolve("report.json"));
    assertThat(report).contains("the same without the stages before", "trained before on");
    assertThat(json(run.resolve("direct/report.json")).isObject()).isTrue();
    assertThat(json(run.resolve("direct/run.json")).get("base-sha256"))
        .as("the direct path begins elsewhere")
        .isNotEqualTo(facts.get("base-sha256"));

    shop.input("hello new york 7\n");
    assertThat(shop.run("predict", run)).as(shop.err()).isEqualTo(ExitCode.OK);
    assertThat(shop.out()).contains("\"label\":\"");
  }

  @Test
  void the_direct_path_is_the_run_without_stages_and_can_be_left_out() throws IOException {
    assertThat(shop.train()).as(shop.err()).isEqualTo(ExitCode.OK);
    Path plain = shop.path("plain");
    assertThat(shop.train("--set", "before=[]", "--set", "output=" + plain))
        .as(shop.err())
        .isEqualTo(ExitCode.OK);
    assertThat(shop.path("run/direct/model/model.safetensors"))
        .hasSameBinaryContentAs(plain.resolve("model/model.safetensors"));
    assertThat(shop.path("run/model/model.safetensors").toFile()).exists();

    Path alone = shop.path("alone");
    assertThat(shop.train("--set", "direct=false", "--set", "output=" + alone))
        .as(shop.err())
        .isEqualTo(ExitCode.OK);
    assertThat(alone.resolve("direct")).doesNotExist();
    assertThat(alone.resolve("model/model.safetensors"))
        .hasSameBinaryContentAs(shop.path("run/model/model.safetensors"));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 7, 12, 22})
  void a_run_that_was_ended_in_any_stage_goes_on_there_to_the_same_bits(int steps)
      throws IOException {
    assertThat(shop.train("--set", "output=" + shop.path("whole"))).isEqualTo(ExitCode.OK);
    Listener.Outcome ended = endedAfter(steps);
    assertThat(ended.completed()).isFalse();
    assertThat(shop.path("run/model")).doesNotExist();

    assertThat(shop.train("--resume")).as(shop.err()).isEqualTo(ExitCode.OK);
    assertThat(shop.err() + shop.out()).contains(steps > 4 ? "words: complete" : "words: going on");
    for (String model : List.of("stages/1-words/", "stages/2-related/", "direct/", "")) {
      String file = model + "model/model.safetensors";
      assertThat(shop.path("run/" + file))
          .as(file)
          .hasSameBinaryContentAs(shop.path("whole/" + file));
    }
  }

  /** Counts the steps of all runs together. */
  private Listener.Outcome endedAfter(int steps) throws IOException {
    Recipe recipe = Recipes.read(shop.path("recipe.yaml"), Recipe.class, List.of());
    AtomicInteger made = new AtomicInteger();
    AtomicReference<FineTuning> run = new AtomicReference<>();
    Listener counting =
        new Listener() {
          @Override
          public Wish stepped(StepReport step) {
            if (made.incrementAndGet() == steps) {
              assertThat(run.get().requestStop()).isTrue();
            }
            return Wish.NONE;
          }
        };
    run.set(new FineTuning(recipe, folder, false, List.of(counting), line -> {}));
    return run.get().run().outcome();
  }

  @Test
  void a_stage_of_another_recipe_is_not_gone_on_from() throws IOException {
    assertThat(endedAfter(7).completed()).isFalse();
    String recipe = Files.readString(shop.path("recipe.yaml"));
    shop.write("recipe.yaml", recipe.replace("max-steps: 4", "max-steps: 3"));
    assertThat(shop.train("--resume")).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("1-words was made with another recipe");
  }

  @Test
  void a_name_that_no_folder_can_have_is_refused_with_its_line() throws IOException {
    String recipe = Files.readString(shop.path("recipe.yaml"));
    shop.write("recipe.yaml", recipe.replace("name: words", "name: ../words"));
    assertThat(shop.train()).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("before.0.name", "letters, digits and dashes");
  }
}
