package dev.luthier.cli;

import dev.luthier.recipe.Recipes;
import dev.luthier.recipe.document.Node;
import dev.luthier.recipe.shape.Key;
import dev.luthier.recipe.shape.RecordShape;
import dev.luthier.recipe.shape.Shapes;
import dev.luthier.run.Recipe;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Writes {@code docs/recipes.md}: every key of a recipe. */
final class RecipePage {
  private static final String INTRODUCTION =
      """
      # Recipes

      A recipe is a YAML file that says everything about a run. This page lists every key; it is generated from the code.
      What can stand where a key takes a technique is in [techniques.md](techniques.md).

      - A key that no recipe has is an error that names its line and the nearest key.
      - A key without a default may be left out, which is the same as writing `null`.
      - Paths of inputs are relative to the recipe's folder, the output to the working directory.
      - A technique is written with its keys, `{adamw: {lr: 2e-4}}`, or by its name alone where the defaults will do, `adamw`.
      - `--set train.epochs=1` on the command line replaces a value; the way leads through keys, names of techniques
        (`optimizer.adamw.lr=1e-4`) and positions in lists (`evaluate.0=macro-f1`).
      - The recipe with every default filled in is saved in the run's folder, and its SHA-256 is in the report.
      - For editors: `recipes/recipe.schema.json` is the JSON Schema of recipes.

      """;

  private RecipePage() {}

  static String text(Path root) {
    StringBuilder out = new StringBuilder(INTRODUCTION);
    out.append("## The top level\n\n");
    RecordShape top = Shapes.ofRecord(Recipe.class);
    out.append(KeyTable.of(top, "", root, key -> standard(top, key))).append('\n');
    sections(top, "", root, out);
    return out.toString().stripTrailing() + "\n";
  }

  /** What a recipe with another task has instead depends on the task. */
  private static String standard(RecordShape top, Key key) {
    Optional<Node> classifier = written(top, key, "sequence-classification");
    return classifier.equals(written(top, key, "sequence-regression"))
        ? classifier.map(node -> KeyTable.value(key, node)).orElse("")
        : "that of the task";
  }

  private static Optional<Node> written(RecordShape top, Key key, String task) {
    String text = "model: m\ntask: " + task + "\ndata: {train: {file: f, text: t}}\n";
    Node all = top.write(Recipes.parse(text, "recipe.yaml", Recipe.class, List.of()));
    return ((Node.Mapping) all).entry(key.name()).map(Node.Entry::value);
  }

  private static void sections(RecordShape shape, String prefix, Path root, StringBuilder out) {
    for (Key key : shape.keys()) {
      Class<?> item = KeyTable.item(key.component().getGenericType());
      if (item.isRecord()) {
        String path = prefix + key.name();
        String heading = path.replace('.', ' ');
        out.append("## ").append(heading).append("\n\n");
        if (path.equals("data.validation") || path.equals("data.test")) {
          out.append("The same keys as [data train](#data-train).\n\n");
        } else if (prefix.startsWith("before.")) {
          out.append("The same keys as [%s](#%s).\n\n".formatted(key.name(), key.name()));
        } else {
          out.append(Javadoc.of(item, root).description()).append("\n\n");
          RecordShape inner = Shapes.ofRecord(item);
          out.append(KeyTable.of(inner, path + ".", root)).append('\n');
          sections(inner, path + ".", root, out);
        }
      }
    }
  }
}
