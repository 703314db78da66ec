package dev.luthier.recipe;

import dev.luthier.recipe.document.KeyPath;
import dev.luthier.recipe.document.Node;
import dev.luthier.recipe.document.Place;
import dev.luthier.recipe.document.Problems;
import dev.luthier.recipe.shape.Key;
import dev.luthier.recipe.shape.RecordShape;
import dev.luthier.recipe.shape.Shapes;
import dev.luthier.recipe.shape.Underlay;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Puts what a preset says under what a recipe says. */
public final class Presets {
  private Presets() {}

  /** The recipe with its preset's keys, if it names a preset that can be read. */
  static Node expand(Node recipe, RecordShape root, Problems problems) {
    if (!(recipe instanceof Node.Mapping mapping)) {
      return recipe;
    }
    for (Key key : root.keys()) {
      Optional<Node.Entry> entry = mapping.entry(key.name());
      if (key.component().getType() == Preset.class && entry.isPresent()) {
        KeyPath path = KeyPath.TOP.to(key.name());
        // What is wrong with the preset itself is found again when the recipe is read.
        Object found = key.shape().read(entry.get().value(), path, new Problems()).value();
        if (found instanceof Preset preset) {
          return Underlay.put(recipe, keys(preset, problems), root);
        }
      }
    }
    return recipe;
  }

  private static Node keys(Preset preset, Problems problems) {
    Node out = new Node.Mapping(Place.ofArgument("preset " + name(preset)), List.of());
    for (String setting : preset.settings()) {
      out = Setting.of(setting, problems).applyTo(out, problems);
    }
    return out;
  }

  /** The name of a preset in recipes. */
  private static String name(Preset preset) {
    return Shapes.ofSocket(Preset.class).techniques().stream()
        .filter(t -> t.type().isInstance(preset))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(preset + " is not registered"))
        .name();
  }

  /** What became of a preset's keys in a recipe, a line each. */
  public static List<String> notes(Preset preset, Record recipe) {
    Node whole = Shapes.ofRecord(recipe.getClass()).write(recipe);
    List<String> out = new ArrayList<>();
    for (String text : preset.settings()) {
      Setting setting = Setting.of(text, new Problems());
      Node given = whole;
      for (String key : setting.path()) {
        given =
            given instanceof Node.Mapping mapping
                ? mapping.entry(key).map(Node.Entry::value).orElse(null)
                : null;
      }
      String way = String.join(".", setting.path());
      out.add(
          "preset "
              + name(preset)
              + ": "
              + (given == null
                  ? way + " does not apply, since the recipe names another technique there"
                  : given instanceof Node.Scalar scalar
                      ? way
                          + " is "
                          + scalar.text()
                          + (same(scalar, setting) ? "" : ", by the recipe")
                      : way));
    }
    return out;
  }

  private static boolean same(Node.Scalar given, Setting setting) {
    if (!(setting.value() instanceof Node.Scalar wanted)) {
      return false;
    }
    try {
      return Double.parseDouble(given.text()) == Double.parseDouble(wanted.text());
    } catch (NumberFormatException e) {
      return given.text().equals(wanted.text());
    }
  }
}
