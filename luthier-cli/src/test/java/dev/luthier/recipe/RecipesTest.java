package dev.luthier.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.luthier.recipe.document.RecipeException;
import dev.luthier.recipe.sample.Accuracy;
import dev.luthier.recipe.sample.AdamW;
import dev.luthier.recipe.sample.CrossEntropy;
import dev.luthier.recipe.sample.Dish;
import dev.luthier.recipe.sample.Pace;
import dev.luthier.recipe.sample.RDrop;
import dev.luthier.recipe.sample.Source;
import dev.luthier.recipe.sample.TopK;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecipesTest {
  private static final String SHORT =
      """
      model: hub:BAAI/bge-small-en-v1.5
      data: {file: tickets.csv, text: body}
      """;

  @Test
  void what_is_not_written_has_its_default() {
    assertThat(parse(SHORT))
        .isEqualTo(
            new Dish(
                "hub:BAAI/bge-small-en-v1.5",
                new Source(Path.of("tickets.csv"), "body", null, null)));
  }

  @Test
  void everything_written_is_read() {
    Dish dish =
        parse(
            """
            model: ./model
            data:
              file: tickets.csv
              text: body
              label: intent
              limit: 10
            optimizer: {adamw: {lr: 2e-4}}
            train: {epochs: 1, batch-size: 8, seed: 9000000000, shuffle: false, order: as-written}
            evaluate: [accuracy, {top-k: {k: 3}}]
            objective: {r-drop: {alpha: 2, of: {cross-entropy: {label-smoothing: .1}}}}
            output: runs/one
            labels: {a: b}
            """);

    assertThat(dish)
        .isEqualTo(
            new Dish(
                "./model",
                new Source(Path.of("tickets.csv"), "body", "intent", 10),
                new AdamW(2e-4, 0.01),
                new Pace(1, 8, 9000000000L, false, Pace.Order.AS_WRITTEN),
                List.of(new Accuracy(), new TopK(3)),
                new RDrop(2, new CrossEntropy(0.1)),
                Optional.of(Path.of("runs/one")),
                Map.of("a", "b")));
  }

  @Test
  void a_technique_is_named_alone_or_with_empty_keys() {
    assertThat(parse(SHORT + "optimizer: adamw").optimizer()).isEqualTo(new AdamW());
    assertThat(parse(SHORT + "optimizer: {adamw: }").optimizer()).isEqualTo(new AdamW());
    assertThat(parse(SHORT + "optimizer: {adamw: {}}").optimizer()).isEqualTo(new AdamW());
  }

  @Test
  void text_stays_as_written_even_if_it_looks_like_something_else() {
    for (String text : List.of("no", "yes", "01", "1e-3", "0x1F", "2026-01-01", "1:30", "'null'")) {
      assertThat(parse("model: " + text + "\ndata: {file: f, text: t}").model())
          .isEqualTo(text.replace("'", ""));
    }
  }

  @Test
  void numbers_need_no_decimal_point() {
    for (String number : List.of("2e-4", "2E-4", "0.0002", ".0002", "2.0e-04", "+2e-4")) {
      Dish dish = parse(SHORT + "optimizer: {adamw: {lr: " + number + "}}");
      assertThat(dish.optimizer()).isEqualTo(new AdamW(2e-4, 0.01));
    }
  }

  @Test
  void an_unknown_key_is_an_error_that_names_the_nearest_one() {
    assertThat(problems(SHORT + "\n\ntrain:\n  epcohs: 3\n"))
        .containsExactly("recipe.yaml:6: unknown key `train.epcohs`. Did you mean `train.epochs`?");
    assertThat(problems(SHORT + "optimizer: {adamw: {weight_decay: 0}}"))
        .containsExactly(
            "recipe.yaml:3: unknown key `optimizer.adamw.weight_decay`. Did you mean"
                + " `optimizer.adamw.weight-decay`?");
    assertThat(problems(SHORT + "train: {zzz: 1}"))
        .containsExactly(
            "recipe.yaml:3: unknown key `train.zzz`. Known keys: `batch-size`, `epochs`, `order`,"
                + " `seed`, `shuffle`.");
    assertThat(problems(SHORT + "evaluate: [{accuracy: {k: 1}}]"))
        .containsExactly(
            "recipe.yaml:3: unknown key `evaluate.0.accuracy.k`. There are no keys here.");
  }

  @Test
  void an_unknown_technique_is_an_error_that_names_the_nearest_one() {
    assertThat(problems(SHORT + "optimizer: adamv"))
        .containsExactly(
            "recipe.yaml:3: `optimizer`: unknown technique `adamv`. Did you mean `adamw`?");
    assertThat(problems(SHORT + "optimizer: opt-adamw"))
        .containsExactly(
            "recipe.yaml:3: `optimizer`: unknown technique `opt-adamw`. Did you mean `adamw`?");
    assertThat(problems(SHORT + "optimizer: {spoon: {}}"))
        .containsExactly(
            "recipe.yaml:3: `optimizer`: unknown technique `spoon`. Known techniques: `adamw`,"
                + " `lion`.");
    assertThat(problems(SHORT + "optimizer: {lion: {}, adamw: {}}"))
        .containsExactly(
            "recipe.yaml:3: `optimizer` takes one technique, as `{name: {key: value}}`, found"
                + " `lion` and `adamw`");
  }

  @Test
  void a_value_of_the_wrong_kind_is_an_error_that_says_what_was_expected() {
    assertThat(
            problems(
                SHORT
                    + """
                    train:
                      epochs: 3.5
                      batch-size: "8"
                      seed: 010
                      shuffle: yes
                      order: longest
                    optimizer: {lion: {lr: fast, beta1: [1]}}
                    evaluate: accuracy
                    labels: 3
                    """))
        .containsExactly(
            "recipe.yaml:4: `train.epochs` takes a whole number, found `3.5`",
            "recipe.yaml:5: `train.batch-size` takes a whole number, found the text \"8\"",
            "recipe.yaml:6: `train.seed` takes a whole number, found `010`",
            "recipe.yaml:7: `train.shuffle` takes true or false, found `yes`",
            "recipe.yaml:8: `train.order` takes one of `longest-first`, `as-written`, found"
                + " `longest`. Did you mean `longest-first`?",
            "recipe.yaml:9: `optimizer.lion.lr` takes a number, found `fast`",
            "recipe.yaml:9: `optimizer.lion.beta1` takes a number, found a list",
            "recipe.yaml:10: `evaluate` takes a list (`[...]`), each a technique (accuracy, top-k),"
                + " found `accuracy`",
            "recipe.yaml:11: `labels` takes names, each with text, found `3`");
  }

  @Test
  void a_whole_number_that_does_not_fit_is_an_error() {
    assertThat(problems(SHORT + "train: {epochs: 2147483648, seed: 99999999999999999999}"))
        .containsExactly(
            "recipe.yaml:3: `train.epochs` takes a whole number, found `2147483648`",
            "recipe.yaml:3: `train.seed` takes a whole number, found `99999999999999999999`");
  }

  @Test
  void a_value_out_of_range_is_an_error_at_its_line() {
    assertThat(problems(SHORT + "train:\n  seed: 1\n  batch-size: 0\n"))
        .containsExactly("recipe.yaml:5: `train.batch-size`: batch-size must be at least 1, got 0");
    assertThat(problems(SHORT + "optimizer:\n  lion:\n    beta1: 3\nevaluate:\n- top-k: {k: 0}"))
        .containsExactly(
            "recipe.yaml:5: `optimizer.lion.beta1`: beta1 must be in [0, 1), got 3.0",
            "recipe.yaml:7: `evaluate.0.top-k.k`: k must be at least 1, got 0");
  }

  @Test
  void a_missing_key_is_an_error_that_names_it() {
    assertThat(problems("model: m\ndata:\n  label: intent\n"))
        .containsExactly(
            "recipe.yaml:2: `data.file` is missing; it takes a path",
            "recipe.yaml:2: `data.text` is missing; it takes text");
    assertThat(problems(""))
        .containsExactly(
            "recipe.yaml:1: `model` is missing; it takes text",
            "recipe.yaml:1: `data` is missing; it takes keys (file, text, label, limit)");
    assertThat(problems("model:\ndata: {file: f, text: t}"))
        .containsExactly("recipe.yaml:1: `model` takes text, found nothing");
  }

  @Test
  void a_key_written_twice_is_an_error() {
    assertThat(problems(SHORT + "train: {epochs: 1}\ntrain: {epochs: 2}\n"))
        .containsExactly("recipe.yaml:4: the key `train` is written twice");
  }

  @Test
  void a_nullable_key_can_be_emptied() {
    assertThat(parse("model: m\ndata: {file: f, text: t, label: null, limit: ~}").data())
        .isEqualTo(new Source(Path.of("f"), "t", null, null));
  }

  @Test
  void a_recipe_is_a_mapping() {
    assertThat(problems("- a\n- b\n"))
        .containsExactly(
            "recipe.yaml:1: the recipe takes keys (model, data, optimizer, train, evaluate,"
                + " objective, output, labels), found a list");
  }

  private static Dish parse(String text) {
    return Recipes.parse(text, "recipe.yaml", Dish.class, List.of());
  }

  private static List<String> problems(String text) {
    RecipeException e = catchThrowableOfType(RecipeException.class, () -> parse(text));
    assertThat(e).as("an error about:%n%s", text).isNotNull();
    return e.getMessage().lines().toList();
  }
}
