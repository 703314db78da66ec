package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.recipe.Recipes;
import dev.luthier.recipe.shape.SocketShape;
import dev.luthier.run.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Run it with {@code -Dluthier.write-docs=true} to write the pages anew. */
class GeneratedPagesTest {
  private static final Path ROOT = Path.of(System.getProperty("luthier.root", ".."));

  @Test
  void the_page_of_recipes_says_what_the_records_say() throws IOException {
    requireUpToDate("docs/recipes.md", RecipePage.text(ROOT));
  }

  @Test
  void the_pages_of_techniques_say_what_the_sources_say() throws IOException {
    for (Map.Entry<String, String> page : TechniquePage.pages(ROOT).entrySet()) {
      requireUpToDate("docs/" + page.getKey(), page.getValue());
    }
  }

  @Test
  void whoever_may_choose_how_to_train_is_told_when_to_choose_what() {
    for (SocketShape socket : Sockets.shapes()) {
      if (TechniquePage.advises(socket.type())) {
        assertThat(socket.techniques())
            .isNotEmpty()
            .allSatisfy(t -> assertThat(TechniquePage.when(t, ROOT)).as(t.name()).isNotEmpty());
      }
    }
  }

  @Test
  void the_schema_for_editors_says_what_the_records_say() throws IOException {
    requireUpToDate(
        "recipes/recipe.schema.json", Recipes.schema(Recipe.class, "A recipe of Luthier"));
  }

  private static void requireUpToDate(String file, String text) throws IOException {
    Path path = ROOT.resolve(file);
    if (Boolean.getBoolean("luthier.write-docs")) {
      Files.createDirectories(path.getParent());
      Files.writeString(path, text);
    }
    assertThat(path)
        .as("out of date; run the tests of luthier-cli with -Dluthier.write-docs=true")
        .exists()
        .content()
        .isEqualToNormalizingNewlines(text);
  }
}
