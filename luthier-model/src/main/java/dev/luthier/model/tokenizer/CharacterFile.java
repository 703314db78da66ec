package dev.luthier.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.model.json.JsonFile;

/**
 * Makes a tokenizer.json from a tokenizer_config.json that lists characters by {@code char_ords}:
 * each is a token, after the four special ones S (separates), E (ends), P (pads) and U (unknown).
 */
final class CharacterFile {
  private static final String[] KEYS = {"sep_token", "eos_token", "pad_token", "unk_token"};
  private static final String[] SPECIAL = {"S", "E", "P", "U"};

  private CharacterFile() {}

  /** Whether the settings list characters. */
  static boolean fits(ObjectNode settings) {
    return settings.path("char_ords").isArray();
  }

  /** The tokenizer.json. */
  static byte[] toJson(ObjectNode settings, String where) {
    JsonNodeFactory f = JsonNodeFactory.instance;
    ObjectNode root = f.objectNode();
    root.put("version", "1.0");
    root.putNull("truncation").putNull("padding");
    ArrayNode added = root.putArray("added_tokens");
    ObjectNode vocabulary = f.objectNode();
    for (int id = 0; id < SPECIAL.length; id++) {
      vocabulary.put(SPECIAL[id], id);
      added
          .addObject()
          .put("id", id)
          .put("content", SPECIAL[id])
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
    int id = SPECIAL.length;
    for (JsonNode point : settings.path("char_ords")) {
      if (!point.isIntegralNumber() || !Character.isValidCodePoint(point.asInt())) {
        throw new TokenizerException(where + ": char_ords: " + point + " is no character");
      }
      vocabulary.put(Character.toString(point.asInt()), id++);
    }
    root.putNull("normalizer");
    ObjectNode split = root.putObject("pre_tokenizer").put("type", "Split");
    split.putObject("pattern").put("Regex", "[\\s\\S]");
    split.put("behavior", "Isolated").put("invert", false);
    root.putNull("post_processor");
    root.putObject("decoder").put("type", "Fuse");
    ObjectNode model = root.putObject("model").put("type", "WordLevel");
    model.set("vocab", vocabulary);
    model.put("unk_token", "U");
    return JsonFile.bytes(root);
  }

  /** The settings with the special tokens named. */
  static byte[] settings(ObjectNode settings) {
    ObjectNode out = settings.deepCopy();
    for (int i = 0; i < KEYS.length; i++) {
      out.put(KEYS[i], SPECIAL[i]);
    }
    out.put("tokenizer_class", "PreTrainedTokenizerFast");
    return JsonFile.bytes(JsonFile.sorted(out));
  }
}
