package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.testing.Proves;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageRunTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;
  private Workshop shop;

  @BeforeEach
  void furnish() throws IOException {
    shop = new Workshop(folder);
    DrawnShapes.model(shop.path("model"));
  }

  private void recipe(String task, String adapt, int epochs) throws IOException {
    shop.write(
        "recipe.yaml",
        """
        model: model
        task: %s
        data:
          train: {file: train.csv, image: file, label: shape}
          test: {file: test.csv, image: file, label: shape}
        adapt: [%s]
        optimizer: {adamw: {lr: 3e-3}}
        schedule: {linear: {warmup: 0.1}}
        train: {epochs: %d, batch: 16, seed: 7}
        output: %s
        """
            .formatted(task, adapt, epochs, shop.path("run")));
  }

  // ---- learning ----

  @Test
  @Proves({"progressive-resizing", "vit"})
  void small_images_first_cost_fewer_patches_and_shapes_are_told_apart_all_the_same()
      throws IOException {
    DrawnShapes.draw(shop.path("train.csv"), 480, 1);
    DrawnShapes.draw(shop.path("test.csv"), 90, 2);
    recipe("image-classification", "full", 10);
    assertThat(shop.train()).as(shop.err()).isZero();
    double plain = accuracy("run");
    long all = patches("run");
    recipe(
        "{image-classification: {sizes: {progressive-resizing: {from: 8, epochs: 5}}}}",
        "full",
        10);
    assertThat(shop.train("--set", "output=" + shop.path("small-first"))).as(shop.err()).isZero();
    double growing = accuracy("small-first");
    long fewer = patches("small-first");

    assertThat(all).isEqualTo(480L * 10 * 17);
    // Sides of 8, 8, 8, 12 and 12 pixels are 5, 5, 5, 10 and 10 tokens.
    assertThat(fewer).isEqualTo(480L * (5 + 5 + 5 + 10 + 10 + 5 * 17));
    assertThat(plain).isGreaterThan(0.95);
    assertThat(growing).isGreaterThan(0.95);
    JsonNode config = JSON.readTree(Files.readString(shop.path("small-first/model/config.json")));
    assertThat(config.get("image_size").asInt()).isEqualTo(16);
    assertThat(config.get("architectures").get(0).asText()).isEqualTo("ViTForImageClassification");
    assertThat(shop.path("small-first/model/preprocessor_config.json")).exists();
  }

  private double accuracy(String run) throws IOException {
    assertThat(shop.run("eval", shop.path(run), "--json")).as(shop.err()).isZero();
    for (JsonNode result : JSON.readTree(shop.out()).get("results")) {
      if (result.get("metric").asText().equals("accuracy")) {
        return result.get("value").asDouble();
      }
    }
    throw new IllegalStateException(shop.out());
  }

  private long patches(String run) throws IOException {
    long sum = 0;
    for (String line : Files.readAllLines(shop.path(run + "/metrics.jsonl"))) {
      JsonNode tokens = JSON.readTree(line).get("tokens");
      sum += tokens == null ? 0 : tokens.asLong();
    }
    return sum;
  }

  // ---- the commands ----

  @ParameterizedTest
  @ValueSource(
      strings = {
        "full",
        "linear-probe",
        "{lora: {r: 4, alpha: 8, targets: [query, value]}}",
        "full, {freeze: {embeddings: true, lowest: 1}}"
      })
  void what_is_trained_can_be_asked_about_files_and_tables(String adapt) throws IOException {
    DrawnShapes.draw(shop.path("train.csv"), 30, 1);
    DrawnShapes.draw(shop.path("test.csv"), 9, 2);
    recipe("{image-classification: {augment: [horizontal-flip]}}", adapt, 2);
    assertThat(shop.train()).as(shop.err()).isZero();
    assertThat(shop.path("run/report.html")).content().doesNotContain("TF-IDF");

    assertThat(shop.run("predict", shop.path("run"), shop.path("test.csv")))
        .as(shop.err())
        .isZero();
    List<String> table = shop.out().lines().toList();
    assertThat(table).hasSize(9).allMatch(line -> line.startsWith("{\"image\":"));
    String file = shop.path("img/2-4.png").toString();
    assertThat(shop.input(file + "\n").run("predict", shop.path("run"))).as(shop.err()).isZero();
    JsonNode alone = JSON.readTree(shop.out());
    assertThat(alone.get("image").asText()).isEqualTo(file);
    JsonNode among = JSON.readTree(table.get(4));
    assertThat(alone.get("label")).isEqualTo(among.get("label"));
    assertThat(alone.get("score").asDouble())
        .isCloseTo(among.get("score").asDouble(), within(1e-5));
    assertThat(Files.readString(shop.path("run/predictions.jsonl"))).contains("\"image\":");
    JsonNode told = JSON.readTree(Files.readAllLines(shop.path("run/predictions.jsonl")).get(4));
    assertThat(told.get("label")).isEqualTo(alone.get("label"));
  }

  @Test
  void an_image_that_a_model_is_asked_about_is_decoded_once() throws IOException {
    DrawnShapes.draw(shop.path("train.csv"), 6, 1);
    DrawnShapes.draw(shop.path("test.csv"), 7, 2);
    recipe("image-classification", "full", 1);
    assertThat(shop.train()).as(shop.err()).isZero();
    try (DecodedImages decoded = DecodedImages.counted()) {
      assertThat(shop.run("predict", shop.path("run"), shop.path("test.csv"))).isZero();
      assertThat(shop.out().lines()).hasSize(7);
      assertThat(decoded.count()).isEqualTo(7);
    }
    Files.writeString(shop.path("img/2-4.png"), "no image");
    assertThat(shop.run("predict", shop.path("run"), shop.path("test.csv"))).isNotZero();
    assertThat(shop.out()).isEmpty();
    assertThat(shop.err()).contains("row 5 of ", "2-4.png is not a JPEG, PNG");
  }

  @Test
  void inspect_shows_what_an_image_becomes_and_plan_counts_its_patches_in_each_epoch()
      throws IOException {
    DrawnShapes.draw(shop.path("train.csv"), 12, 1);
    DrawnShapes.draw(shop.path("test.csv"), 3, 2);
    recipe(
        "{image-classification: {sizes: {progressive-resizing: {from: 8, epochs: 1}}}}", "full", 2);
    assertThat(shop.run("inspect", shop.path("recipe.yaml"))).as(shop.err()).isZero();
    assertThat(shop.out())
        .contains("12 examples, 204 tokens")
        .contains("row 1, img/1-0.png, 5 tokens, to learn: block")
        .contains("one for the whole, then one for each patch");
    assertThat(shop.run("inspect", shop.path("recipe.yaml"), "--json")).isZero();
    assertThat(JSON.readTree(shop.out()).get("examples").get(0).get("image").asBoolean()).isTrue();
    assertThat(shop.run("plan", shop.path("recipe.yaml"), "--json")).as(shop.err()).isZero();
    JsonNode plan = JSON.readTree(shop.out());
    assertThat(plan.at("/course/tokens").asLong()).isEqualTo(12L * (5 + 17));
    assertThat(plan.at("/work/evaluation-operations").asDouble()).isPositive();
  }

  @Test
  void a_run_says_when_it_never_sees_the_full_size() throws IOException {
    DrawnShapes.draw(shop.path("train.csv"), 6, 1);
    DrawnShapes.draw(shop.path("test.csv"), 3, 2);
    recipe(
        "{image-classification: {sizes: {progressive-resizing: {from: 8, epochs: 1}}}}", "full", 1);
    assertThat(shop.train()).as(shop.err()).isZero();
    String told =
        "training sees images of 8 pixels in its last epoch too, and they are judged at 16";
    assertThat(shop.err()).contains(told);
    assertThat(shop.train("--set", "train.epochs=2", "--set", "output=" + shop.path("two")))
        .as(shop.err())
        .isZero();
    assertThat(shop.err()).doesNotContain(told);
  }

  // ---- refusals ----

  @Test
  void task_model_and_data_must_be_about_the_same_kind_of_thing() throws IOException {
    DrawnShapes.draw(shop.path("train.csv"), 6, 1);
    DrawnShapes.draw(shop.path("test.csv"), 3, 2);
    recipe("sequence-classification", "full", 1);
    refused("model is a model of images (vit); write task: image-classification");
    shop.model("bert-sequence-classification", "words");
    recipe("image-classification", "full", 1);
    refused("words is a model of texts (bert)", "--set", "model=words");
    refused(
        "name the column of their paths by image",
        "--set",
        "data.train={file: train.csv, text: file, label: shape}");
    refused("max-length and over-length are about texts", "--set", "data.max-length=5");
    recipe("sequence-classification", "full", 1);
    refused("image is named, but this task is about texts", "--set", "model=words");
  }

  @Test
  void what_is_wrong_with_an_image_is_said_with_its_row_before_anything_is_trained()
      throws IOException {
    DrawnShapes.draw(shop.path("train.csv"), 6, 1);
    DrawnShapes.draw(shop.path("test.csv"), 3, 2);
    recipe("image-classification", "full", 1);
    Path third = shop.path("img/1-2.png");
    byte[] whole = Files.readAllBytes(third);
    Files.write(third, Arrays.copyOf(whole, whole.length / 2));
    refused("row 3 of train.csv");
    Files.delete(third);
    refused("row 3 of train.csv: there is no image 'img/1-2.png'");
    Files.write(third, whole);
    recipe(
        "{image-classification: {sizes: {progressive-resizing: {from: 6, epochs: 1}}}}", "full", 1);
    refused("from: 6 is not a multiple of 4");
    Files.delete(shop.path("model/preprocessor_config.json"));
    refused("there is no preprocessor_config.json");
  }

  private void refused(String why, Object... more) {
    assertThat(shop.train(more)).isNotZero();
    assertThat(shop.err()).contains(why).doesNotContain("at dev.luthier");
  }
}
