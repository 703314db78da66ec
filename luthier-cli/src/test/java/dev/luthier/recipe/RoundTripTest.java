package dev.luthier.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.recipe.sample.Accuracy;
import dev.luthier.recipe.sample.AdamW;
import dev.luthier.recipe.sample.Aim;
import dev.luthier.recipe.sample.CrossEntropy;
import dev.luthier.recipe.sample.Dish;
import dev.luthier.recipe.sample.Lion;
import dev.luthier.recipe.sample.Pace;
import dev.luthier.recipe.sample.RDrop;
import dev.luthier.recipe.sample.Source;
import dev.luthier.recipe.sample.Stirrer;
import dev.luthier.recipe.sample.Taste;
import dev.luthier.recipe.sample.TopK;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class RoundTripTest {

  @Property(tries = 300)
  void what_is_written_reads_back_equal(@ForAll("dishes") Dish dish) {
    String text = Recipes.render(dish);
    Dish again = Recipes.parse(text, "recipe.yaml", Dish.class, List.of());

    assertThat(again).isEqualTo(dish);
    assertThat(Recipes.render(again)).isEqualTo(text);
  }

  @Property(tries = 500)
  void every_number_reads_back_to_the_bit(@ForAll double number) {
    Dish dish =
        new Dish(
            "m",
            new Source(Path.of("f"), "t", null, null),
            new AdamW(number, -number),
            new Pace(),
            List.of(),
            null,
            Optional.empty(),
            Map.of());

    assertThat(Recipes.parse(Recipes.render(dish), "r", Dish.class, List.of())).isEqualTo(dish);
  }

  @Test
  void the_canonical_text_has_every_value_and_never_changes() {
    Dish dish =
        Recipes.parse(
            """
            labels: {b: "no", a: "1"}
            data: {text: body, file: tickets.csv}
            model: hub:BAAI/bge-small-en-v1.5
            objective: r-drop
            evaluate: [{top-k: {k: 3}}, accuracy]
            optimizer: {adamw: {weight-decay: 1e-7}}
            """,
            "recipe.yaml",
            Dish.class,
            List.of());

    assertThat(Recipes.render(dish))
        .isEqualTo(
            """
            model: hub:BAAI/bge-small-en-v1.5
            data:
              file: tickets.csv
              text: body
              label: null
              limit: null
            optimizer:
              adamw:
                lr: 2e-5
                weight-decay: 1e-7
            train:
              epochs: 3
              batch-size: 32
              seed: 0
              shuffle: true
              order: longest-first
            evaluate:
              - top-k:
                  k: 3
              - accuracy
            objective:
              r-drop:
                alpha: 1
                of:
                  cross-entropy:
                    label-smoothing: 0
            output: null
            labels:
              a: "1"
              b: "no"
            """);
    assertThat(Recipes.hash(dish))
        .isEqualTo("438001d101bc89ddca371aac3ac4b95aa554402be633493dcecbb71fb4faa692");
  }

  @Provide
  Arbitrary<Dish> dishes() {
    return Combinators.combine(
            texts(), sources(), stirrers(), paces(), tastes(), aims(), outputs(), labels())
        .as(Dish::new);
  }

  private static Arbitrary<String> texts() {
    return Arbitraries.oneOf(
        Arbitraries.of("no", "null", "~", "", " ", "1e-3", "a: b", "a #b", "- a", "'", "x:", "%a"),
        Arbitraries.strings().ofMaxLength(20),
        Arbitraries.strings().withCharRange(' ', '~').ofMaxLength(20));
  }

  private static Arbitrary<Source> sources() {
    Arbitrary<Path> files =
        Arbitraries.strings()
            .alpha()
            .numeric()
            .withChars(" #:-")
            .ofMinLength(1)
            .ofMaxLength(12)
            .map(Path::of);
    return Combinators.combine(
            files, texts(), texts().injectNull(0.3), Arbitraries.integers().injectNull(0.3))
        .as(Source::new);
  }

  private static Arbitrary<Stirrer> stirrers() {
    Arbitrary<Double> any = Arbitraries.doubles();
    Arbitrary<Double> fraction = Arbitraries.doubles().between(0, 0.99);
    return Arbitraries.oneOf(
        Combinators.combine(any, any).as((a, b) -> (Stirrer) new AdamW(a, b)),
        Combinators.combine(any, fraction, any, any).as((a, b, c, d) -> new Lion(a, b, c, d)));
  }

  private static Arbitrary<Pace> paces() {
    Arbitrary<Integer> counts = Arbitraries.integers().greaterOrEqual(1);
    return Combinators.combine(
            counts,
            counts,
            Arbitraries.longs(),
            Arbitraries.of(true, false),
            Arbitraries.of(Pace.Order.class))
        .as(Pace::new);
  }

  private static Arbitrary<List<Taste>> tastes() {
    Arbitrary<Taste> taste =
        Arbitraries.oneOf(
            Arbitraries.just((Taste) new Accuracy()),
            Arbitraries.integers().greaterOrEqual(1).map(TopK::new));
    return taste.list().ofMaxSize(4);
  }

  private static Arbitrary<Aim> aims() {
    Arbitrary<Aim> plain = Arbitraries.doubles().map(CrossEntropy::new);
    return Arbitraries.recursive(() -> plain, of -> of.map(o -> new RDrop(0.5, o)), 0, 3)
        .injectNull(0.3);
  }

  private static Arbitrary<Optional<Path>> outputs() {
    return Arbitraries.of(Optional.empty(), Optional.of(Path.of("runs/a b")));
  }

  private static Arbitrary<Map<String, String>> labels() {
    return Arbitraries.maps(texts(), texts()).ofMaxSize(3);
  }
}
