package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.testing.Proves;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LrFindCommandTest {
  @TempDir private Path folder;

  @Test
  @Proves("lr-finder")
  void a_rate_is_suggested_drawn_and_written_beside_the_output() throws IOException {
    Workshop shop = new Workshop(folder);
    recipe(shop, "{adamw: {lr: 1e-3}}");
    assertThat(shop.run("lr-find", shop.path("recipe.yaml"), "--to", "100"))
        .as(shop.err())
        .isZero();
    assertThat(shop.out()).contains("suggested", "|", "*", "+----", "the recipe's rate is 0.0010");
    JsonNode found = new ObjectMapper().readTree(shop.path("run.lr-find.json").toFile());
    assertThat(found.get("suggested").asDouble()).isLessThan(found.get("lowest").asDouble());
    assertThat(found.get("points").size()).isBetween(10, 100);
    assertThat(found.get("points").get(0).get("rate").asDouble()).isEqualTo(1e-7);
    assertThat(shop.path("run.lr-find.html"))
        .content()
        .contains(
            "<svg", "<path", "smoothed loss over learning rate", "suggested", ">1e-7<", ">0.1<")
        .contains("s rate is 0.0010; the loss is the lowest at");
    assertThat(shop.path("run")).doesNotExist();
  }

  @Test
  void what_cannot_be_swept_is_said_with_what_mends_it() throws IOException {
    Workshop shop = new Workshop(folder);
    recipe(shop, "{chain: {links: [{adamw: {lr: 1e-3}}, {adamw: {lr: 1e-2}}]}}");
    assertThat(shop.run("lr-find", shop.path("recipe.yaml"))).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("optimizer: its links have the rates [0.001, 0.01]");
    assertThat(shop.run("lr-find", shop.path("recipe.yaml"), "--from", "2"))
        .isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("--to must be above from");
  }

  @Test
  void what_would_move_with_the_rate_is_refused_and_can_be_left_out() throws IOException {
    Workshop shop = new Workshop(folder);
    recipe(shop, "{adamw: {lr: 1e-3}}");
    List<String> command =
        List.of(
            "lr-find",
            shop.path("recipe.yaml").toString(),
            "--steps=5",
            "--set=train.schedules={weight-decay: linear, batch: linear}");
    assertThat(shop.run(command.toArray())).isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err())
        .contains("train.schedules: weight-decay, batch would move with the rate")
        .contains("--set train.schedules={}");
    List<String> without = new ArrayList<>(command);
    without.add("--set=train.schedules={}");
    assertThat(shop.run(without.toArray())).as(shop.err()).isZero();
  }

  private static void recipe(Workshop shop, String optimizer) throws IOException {
    shop.model("bert-sequence-classification", "model");
    shop.write("train.csv", Workshop.table(40));
    shop.write(
        "recipe.yaml",
        """
        model: model
        task: sequence-classification
        data: {train: {file: train.csv, text: body, label: intent}}
        optimizer: %s
        train: {batch: 8}
        output: %s
        """
            .formatted(optimizer, shop.path("run")));
  }
}
