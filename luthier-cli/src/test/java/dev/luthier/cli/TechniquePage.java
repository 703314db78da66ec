package dev.luthier.cli;

import dev.luthier.data.image.Augmentation;
import dev.luthier.data.image.ImageSizes;
import dev.luthier.recipe.shape.Key;
import dev.luthier.recipe.shape.RecordShape;
import dev.luthier.recipe.shape.Shapes;
import dev.luthier.recipe.shape.SocketShape;
import dev.luthier.recipe.shape.TechniqueType;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Objective;
import dev.luthier.train.Schedule;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes {@code docs/techniques.md}, the list of all techniques, and a page for each of their
 * kinds, with what the sources say of them.
 */
final class TechniquePage {
  private static final String WHEN = "When to use it:";

  private static final String INTRODUCTION =
      """
      # Techniques

      What a recipe can name, and when. A technique's name leads to what it computes, its paper, its keys and their defaults. These
      pages are generated from the code; `./luthier techniques` lists the same, and `./luthier techniques lora` tells about one.

      """;

  private TechniquePage() {}

  /** All pages, by where they stand below {@code docs}. */
  static Map<String, String> pages(Path root) {
    Map<String, String> out = new TreeMap<>();
    StringBuilder list = new StringBuilder(INTRODUCTION);
    for (SocketShape socket : Sockets.shapes()) {
      String heading = Headings.of(socket.type());
      String page = "techniques/" + Headings.anchor(heading) + ".md";
      list.append("## ").append(heading).append("\n\n");
      if (socket.techniques().isEmpty()) {
        list.append("None that a recipe can name yet.\n\n");
        continue;
      }
      boolean advised = advises(socket.type());
      list.append(advised ? "| technique | key | when to use it |\n" : "| technique | key |\n");
      list.append(advised ? "|---|---|---|\n" : "|---|---|\n");
      StringBuilder text = new StringBuilder("# " + heading + "\n\n");
      for (TechniqueType technique : socket.techniques()) {
        String name = technique.technique().name();
        String when = advised ? " " + when(technique, root) + " |" : "";
        String line = "| [%s](%s#%s) | `%s` |%s\n";
        list.append(line.formatted(name, page, Headings.anchor(name), technique.name(), when));
        describe(technique, root, text);
      }
      list.append('\n');
      String linked = text.toString().replace("](techniques.md#", "](../techniques.md#");
      out.put(page, linked.stripTrailing() + "\n");
    }
    out.put("techniques.md", list.toString().stripTrailing() + "\n");
    return out;
  }

  /** Whether the techniques of a socket say when they are to be used. */
  static boolean advises(Class<?> socket) {
    return socket == Objective.class
        || socket == GradientTransform.class
        || socket == Schedule.class
        || socket == ImageSizes.class
        || socket == Augmentation.class;
  }

  /** What a technique says of its use, on one line; empty if nothing. */
  static String when(TechniqueType type, Path root) {
    String text = Javadoc.of(type.type(), root).description();
    int at = text.indexOf(WHEN);
    if (at < 0) {
      return "";
    }
    int end = text.indexOf("\n\n", at);
    String said = text.substring(at + WHEN.length(), end < 0 ? text.length() : end).strip();
    return said.replaceAll("\\s+", " ").replace("|", "\\|");
  }

  private static void describe(TechniqueType type, Path root, StringBuilder out) {
    String paper = type.technique().paper();
    out.append("## %s\n\n".formatted(type.technique().name()));
    out.append(
        "In a recipe `%s`, in the catalogue `%s`.".formatted(type.name(), type.technique().id()));
    out.append(paper.isEmpty() ? "" : " " + cited(paper) + ".").append("\n\n");
    out.append(Javadoc.of(type.type(), root).description()).append("\n\n");
    if (!type.shape().keys().isEmpty()) {
      String prefix = type.name() + ".";
      out.append(KeyTable.of(type.shape(), prefix, root)).append('\n');
      sections(type.shape(), prefix, root, out);
    }
  }

  /** The keys of keys. */
  private static void sections(RecordShape shape, String prefix, Path root, StringBuilder out) {
    for (Key key : shape.keys()) {
      Class<?> item = KeyTable.item(key.component().getGenericType());
      if (item.isRecord()) {
        String path = prefix + key.name();
        out.append("### ").append(path.replace('.', ' ')).append("\n\n");
        out.append(Javadoc.of(item, root).description()).append("\n\n");
        RecordShape inner = Shapes.ofRecord(item);
        out.append(KeyTable.of(inner, path + ".", root)).append('\n');
        sections(inner, path + ".", root, out);
      }
    }
  }

  /** Identifiers of arXiv become links. */
  private static String cited(String paper) {
    return paper.replaceAll("arXiv:([0-9.]+[0-9])", "[arXiv:$1](https://arxiv.org/abs/$1)");
  }
}
