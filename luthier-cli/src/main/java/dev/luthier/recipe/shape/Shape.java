package dev.luthier.recipe.shape;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.recipe.document.KeyPath;
import dev.luthier.recipe.document.Node;
import dev.luthier.recipe.document.Problems;
import org.jspecify.annotations.Nullable;

/** What a key of a recipe takes. */
public sealed interface Shape
    permits AbsentShape,
        ChoiceShape,
        FlagShape,
        ListShape,
        MapShape,
        NumberShape,
        PathShape,
        RecordShape,
        SocketShape,
        TextShape,
        WholeShape {

  /**
   * Reads what is written.
   *
   * @param path names the key in messages
   * @param problems receives everything that is wrong
   * @return the value, or {@link Reading#FAILED} after at least one problem was noted
   */
  Reading read(Node node, KeyPath path, Problems problems);

  /** Writes a value so that reading it gives an equal one. */
  Node write(@Nullable Object value);

  /** What is taken, in words that follow "takes". */
  String words();

  /** The JSON Schema of what is taken. */
  ObjectNode schema(SchemaDefinitions definitions);

  /** The value of a key that is not written and has no default where it stands. */
  default Reading absent() {
    return Reading.FAILED;
  }
}
