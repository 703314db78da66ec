package dev.luthier.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.luthier.recipe.document.RecipeException;
import dev.luthier.recipe.sample.Dish;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.ByteRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostileRecipeTest {
  private static final String RECIPE =
      """
      # a comment
      model: "hub:BAAI/bge"
      data: {file: tickets.csv, text: 'body', label: intent}
      optimizer: {adamw: {lr: 2e-4}}
      train:
        epochs: 3
        order: longest-first
      evaluate:
      - accuracy
      - top-k: {k: 3}
      labels: {a: |
        text
       }
      """;

  @TempDir Path folder;

  @Test
  void aliases_are_refused_before_they_multiply() {
    String laughs =
        """
        a: &a [x, x, x, x, x, x, x, x, x]
        b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
        c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]
        """;
    assertThatThrownBy(() -> parse(laughs))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining(
            "recipe.yaml:2: aliases (`*a`) are not read in a recipe; write the value out");
  }

  @Test
  void tags_are_refused() {
    assertThatThrownBy(() -> parse("model: !!javax.script.ScriptEngineManager [x]"))
        .hasMessageContaining("recipe.yaml:1: tags (`tag:yaml.org,2002:javax.script");
  }

  @Test
  void deep_nesting_is_refused() {
    assertThatThrownBy(() -> parse("[".repeat(100_000)))
        .hasMessage("recipe.yaml:1: a recipe has at most 64 levels");
    assertThatThrownBy(() -> parse("a: ".repeat(1000))).isInstanceOf(RecipeException.class);
    assertThatThrownBy(() -> parse("- ".repeat(1000)))
        .hasMessage("recipe.yaml:1: a recipe has at most 64 levels");
    assertThatThrownBy(() -> parse("? ".repeat(1000))).isInstanceOf(RecipeException.class);
    assertThatThrownBy(() -> parse("{r-drop: {of: ".repeat(500)))
        .isInstanceOf(RecipeException.class);
  }

  @Test
  void large_files_are_refused() throws IOException {
    Path large = Files.write(folder.resolve("large.yaml"), new byte[3 << 20]);
    assertThatThrownBy(() -> read(large)).hasMessage(large + ": is too large for a recipe");
    assertThatThrownBy(() -> parse("x".repeat(2 << 20)))
        .hasMessage("recipe.yaml:1: a recipe is at most 1048576 characters long");
  }

  @Test
  void files_that_are_not_there_or_not_text_are_refused() throws IOException {
    Path missing = folder.resolve("missing.yaml");
    assertThatThrownBy(() -> read(missing)).hasMessage(missing + ": there is no such file");
    Path binary = Files.write(folder.resolve("binary.yaml"), new byte[] {(byte) 0xff, (byte) 0xfe});
    assertThatThrownBy(() -> read(binary)).hasMessage(binary + ": is not text in UTF-8");
    assertThatThrownBy(() -> read(folder))
        .isInstanceOf(RecipeException.class)
        .hasMessageStartingWith(folder + ": cannot be read");
  }

  @Test
  void broken_yaml_is_reported_with_its_line() {
    assertThatThrownBy(() -> parse("model: m\ndata: {file: f\ntrain: }: 1"))
        .isInstanceOf(RecipeException.class)
        .hasMessageMatching("recipe.yaml:[23]: not valid YAML: .*");
    assertThatThrownBy(() -> parse("model: m\ntrain:\n\tepochs: 1"))
        .hasMessageStartingWith("recipe.yaml:3: not valid YAML: ");
    assertThatThrownBy(() -> parse("model: m\nx: \u0007"))
        .hasMessage("recipe.yaml:2: not valid YAML: the character U+0007 is not allowed");
    assertThatThrownBy(() -> parse("model: m\n---\nmodel: n"))
        .hasMessage("recipe.yaml:3: a recipe is one document; a second one begins here");
  }

  @Test
  void control_characters_do_not_reach_the_terminal() {
    assertThatThrownBy(() -> parse("\"\\e[31m\": 1"))
        .hasMessageStartingWith("recipe.yaml:1: unknown key `\uFFFD[31m`.");
  }

  @Test
  void a_byte_order_mark_and_foreign_line_ends_do_no_harm() {
    String text = "\uFEFFmodel: m\r\ndata:\r\n  file: f\r\n  text: t\r\n";
    assertThat(parse(text).model()).isEqualTo("m");
  }

  @Property(tries = 3000)
  void a_damaged_recipe_gives_an_error_or_is_read(
      @ForAll @Size(min = 1, max = 6) List<@IntRange(min = 0, max = 1 << 16) Integer> places,
      @ForAll @Size(6) List<@IntRange(min = 0, max = 3) Integer> kinds,
      @ForAll @Size(6) List<@ByteRange(min = 0) Byte> bytes) {
    StringBuilder text = new StringBuilder(RECIPE);
    for (int i = 0; i < places.size() && text.length() > 0; i++) {
      int at = places.get(i) % text.length();
      int end = Math.min(text.length(), at + 1 + bytes.get(i) % 30);
      switch (kinds.get(i)) {
        case 0 -> text.setCharAt(at, (char) bytes.get(i).byteValue());
        case 1 -> text.insert(at, (char) bytes.get(i).byteValue());
        case 2 -> text.delete(at, end);
        default -> text.insert(at, text.substring(at, end));
      }
    }
    readOrRefuse(text.toString());
  }

  @Property(tries = 1000)
  void any_text_gives_an_error_or_is_read(@ForAll String text) {
    readOrRefuse(text);
  }

  @Property(tries = 1000)
  void any_text_of_yaml_signs_gives_an_error_or_is_read(
      @ForAll @Size(max = 40) List<@IntRange(max = 32) Integer> signs) {
    String all = "a1 \n:-[]{}?,#&*!|>'\"%@`\t\\.~=<+_u0";
    StringBuilder text = new StringBuilder();
    signs.forEach(s -> text.append(all.charAt(s)));
    readOrRefuse(text.toString());
  }

  private static void readOrRefuse(String text) {
    try {
      Dish dish = parse(text);
      assertThat(parse(Recipes.render(dish))).isEqualTo(dish);
    } catch (RecipeException e) {
      assertThat(e.getMessage()).startsWith("recipe.yaml:");
    } catch (RuntimeException | StackOverflowError e) {
      fail("of " + new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8), e);
    }
  }

  private static Dish parse(String text) {
    return Recipes.parse(text, "recipe.yaml", Dish.class, List.of());
  }

  private static Dish read(Path file) {
    return Recipes.read(file, Dish.class, List.of());
  }
}
