package dev.luthier.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.model.json.JsonFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code generation_config.json} beside a model says, kept whole and written back. Of its keys
 * only the ids that end a text are used here; how to choose tokens is the caller's.
 */
final class GenerationConfig {
  static final String FILE = "generation_config.json";

  private final ObjectNode keys;
  private final String where;

  private GenerationConfig(ObjectNode keys, String where) {
    this.keys = keys;
    this.where = where;
  }

  /**
   * Reads the file of a model folder; null if there is none.
   *
   * @throws ModelException if it is not a JSON object
   */
  static @Nullable GenerationConfig read(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      return null;
    }
    try {
      return new GenerationConfig(JsonFile.readObject(file), file.toString());
    } catch (JsonFile.Invalid e) {
      throw new ModelException(e.getMessage() + "; fetch it again, or delete it", e);
    }
  }

  /**
   * The ids that end a text; none if the file does not say.
   *
   * @throws ModelException if they are no ids
   */
  List<Integer> ends() {
    return ids(keys.path("eos_token_id"), where + ": eos_token_id");
  }

  byte[] bytes() {
    return JsonFile.bytes(JsonFile.sorted(keys));
  }

  /** An id, a list of ids, or nothing. */
  static List<Integer> ids(JsonNode given, String where) {
    List<Integer> out = new ArrayList<>();
    if (given.isMissingNode() || given.isNull()) {
      return out;
    }
    for (JsonNode id : given.isArray() ? given : List.of(given)) {
      if (!id.isIntegralNumber() || !id.canConvertToInt() || id.asInt() < 0) {
        throw new ModelException(where + ": " + given + " is neither an id nor a list of ids");
      }
      out.add(id.asInt());
    }
    return out;
  }
}
