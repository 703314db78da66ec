package dev.luthier.cli;

import dev.luthier.recipe.shape.Key;
import dev.luthier.recipe.shape.RecordShape;
import dev.luthier.recipe.shape.Shapes;
import dev.luthier.recipe.shape.SocketShape;
import dev.luthier.recipe.shape.TechniqueType;
import java.nio.file.Path;

/** Writes {@code docs/techniques.md}: every technique, with what its source says of it. */
final class TechniquePage {
  private static final String INTRODUCTION =
      """
      # Techniques

      What a recipe can name, where it comes from, and what it takes. This page is generated from the code; `./luthier techniques`
      lists the same, and `./luthier techniques lora` tells about one.

      """;

  private TechniquePage() {}

  static String text(Path root) {
    StringBuilder out = new StringBuilder(INTRODUCTION);
    for (SocketShape socket : Sockets.shapes()) {
      out.append("## ").append(Headings.of(socket.type())).append("\n\n");
      if (socket.techniques().isEmpty()) {
        out.append("None that a recipe can name yet.\n\n");
      }
      for (TechniqueType technique : socket.techniques()) {
        describe(technique, root, out);
      }
    }
    return out.toString().stripTrailing() + "\n";
  }

  private static void describe(TechniqueType type, Path root, StringBuilder out) {
    String paper = type.technique().paper();
    out.append("### %s\n\n".formatted(type.technique().name()));
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
        out.append("#### ").append(path.replace('.', ' ')).append("\n\n");
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
