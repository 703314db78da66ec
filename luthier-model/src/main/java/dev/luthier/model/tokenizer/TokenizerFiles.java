package dev.luthier.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.model.json.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files a tokenizer is made of.
 *
 * @param json the bytes of tokenizer.json, as they lie on disk or rebuilt from older files
 * @param config the bytes of tokenizer_config.json, or null if there is none
 * @param special what special_tokens_map.json says, empty if there is none
 * @param where the file that messages name
 */
@SuppressWarnings("ArrayRecordComponent") // Bytes of files, never compared.
record TokenizerFiles(byte[] json, byte @Nullable [] config, ObjectNode special, String where) {
  static final String JSON = "tokenizer.json";
  static final String CONFIG = "tokenizer_config.json";
  private static final String SPECIAL = "special_tokens_map.json";
  private static final String WORD_PIECES = "vocab.txt";
  private static final String PIECES = "tokenizer.model";
  private static final String T5_PIECES = "spiece.model";
  private static final List<String> NAMES = List.of(JSON, WORD_PIECES, PIECES, T5_PIECES);

  static boolean in(Path folder) {
    return NAMES.stream().anyMatch(n -> Files.exists(folder.resolve(n)))
        || CharacterFile.fits(settings(folder));
  }

  static TokenizerFiles read(Path folder) {
    byte[] config = bytesIfThere(folder.resolve(CONFIG));
    byte[] special = bytesIfThere(folder.resolve(SPECIAL));
    ObjectNode map =
        special == null
            ? JsonNodeFactory.instance.objectNode()
            : object(special, folder.resolve(SPECIAL).toString());
    ObjectNode settings = settings(folder);
    for (String name : NAMES) {
      Path file = folder.resolve(name);
      byte[] found = bytesIfThere(file);
      if (found != null && name.equals(T5_PIECES)) {
        ObjectNode own = T5TokenizerFile.settings(settings, map, folder);
        byte[] json = T5TokenizerFile.toJson(found, own, file.toString());
        byte[] sorted = JsonFile.bytes(JsonFile.sorted(own));
        return new TokenizerFiles(json, sorted, map, file.toString());
      }
      if (found != null) {
        return new TokenizerFiles(
            json(name, found, settings, file.toString()), config, map, file.toString());
      }
    }
    if (CharacterFile.fits(settings)) {
      String where = folder.resolve(CONFIG).toString();
      return new TokenizerFiles(
          CharacterFile.toJson(settings, where), CharacterFile.settings(settings), map, where);
    }
    throw new TokenizerException(
        folder
            + ": there is no "
            + JSON
            + ", and no "
            + WORD_PIECES
            + ", "
            + PIECES
            + " or "
            + T5_PIECES
            + " to make one from");
  }

  /** The bytes of tokenizer.json, or made from an older file. */
  private static byte[] json(String name, byte[] found, ObjectNode settings, String where) {
    return switch (name) {
      case WORD_PIECES -> WordPieceFile.toJson(found, settings);
      case PIECES -> SentencePieceFile.toJson(found, settings, where);
      default -> found;
    };
  }

  private static ObjectNode settings(Path folder) {
    Path file = folder.resolve(CONFIG);
    return settings(bytesIfThere(file), file.toString());
  }

  /** What tokenizer_config.json says; empty if there is none. */
  ObjectNode settings() {
    return settings(config, where + " (its " + CONFIG + ")");
  }

  private static ObjectNode settings(byte @Nullable [] config, String where) {
    return config == null ? JsonNodeFactory.instance.objectNode() : object(config, where);
  }

  /** The text of a special token: given as a string, or as an object with its content. */
  @Nullable String text(SpecialToken token) {
    for (JsonNode source : new JsonNode[] {settings(), special}) {
      JsonNode given = source.path(token.key());
      if (given.isTextual()) {
        return given.asText();
      }
      if (given.path("content").isTextual()) {
        return given.path("content").asText();
      }
    }
    return null;
  }

  static ObjectNode object(byte[] bytes, String where) {
    try {
      return JsonFile.parseObject(bytes, where);
    } catch (JsonFile.Invalid e) {
      throw new TokenizerException(e.getMessage() + "; fetch it again", e);
    }
  }

  /** Writes both files as {@code transformers} reads them. */
  void write(Path folder, Map<SpecialToken, String> tokens, int maxTokens) {
    try {
      Files.write(folder.resolve(JSON), json);
      Files.write(folder.resolve(CONFIG), config == null ? newConfig(tokens, maxTokens) : config);
    } catch (IOException e) {
      throw new TokenizerException(folder + ": the tokenizer cannot be written: " + e, e);
    }
  }

  private static byte[] newConfig(Map<SpecialToken, String> tokens, int maxTokens) {
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    tokens.forEach((token, text) -> config.put(token.key(), text));
    if (maxTokens < Integer.MAX_VALUE) {
      config.put("model_max_length", maxTokens);
    }
    config.put("tokenizer_class", "PreTrainedTokenizerFast");
    return JsonFile.bytes(JsonFile.sorted(config));
  }

  private static byte @Nullable [] bytesIfThere(Path file) {
    if (!Files.exists(file)) {
      return null;
    }
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new TokenizerException(file + ": cannot be read: " + e, e);
    }
  }
}
