package dev.luthier.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.model.json.JsonFile;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes a tokenizer.json from vocab.txt, one piece a line: BERT's WordPiece tokenizer (Schuster and
 * Nakajima 2012; Devlin et al. 2018), greedy longest match with {@code ##} before continuations.
 */
final class WordPieceFile {
  private static final List<String> SPECIAL = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");

  private WordPieceFile() {}

  /**
   * @param settings tokenizer_config.json: {@code do_lower_case} (true if absent), {@code
   *     strip_accents} (as lower-casing if absent), {@code tokenize_chinese_chars} (true if absent)
   */
  static byte[] toJson(byte[] vocabTxt, ObjectNode settings) {
    Map<String, Integer> ids = new LinkedHashMap<>();
    String[] lines = new String(vocabTxt, StandardCharsets.UTF_8).split("\r?\n", -1);
    int count = lines[lines.length - 1].isEmpty() ? lines.length - 1 : lines.length;
    for (int i = 0; i < count; i++) {
      ids.put(lines[i], i);
    }
    for (String needed : List.of("[UNK]", "[CLS]", "[SEP]")) {
      if (!ids.containsKey(needed)) {
        throw new TokenizerException(
            "vocab.txt lacks " + needed + ", so it is not a WordPiece vocabulary");
      }
    }
    JsonNodeFactory f = JsonNodeFactory.instance;
    ObjectNode root = f.objectNode();
    root.put("version", "1.0");
    root.putNull("truncation").putNull("padding");
    added(root.putArray("added_tokens"), ids);
    root.set("normalizer", normalizer(settings));
    root.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
    root.set("post_processor", template(ids));
    root.putObject("decoder").put("type", "WordPiece").put("prefix", "##").put("cleanup", true);
    ObjectNode model = root.putObject("model");
    model
        .put("type", "WordPiece")
        .put("unk_token", "[UNK]")
        .put("continuing_subword_prefix", "##")
        .put("max_input_chars_per_word", 100);
    ObjectNode vocabulary = model.putObject("vocab");
    ids.forEach(vocabulary::put);
    return JsonFile.bytes(root);
  }

  private static void added(ArrayNode into, Map<String, Integer> ids) {
    for (String token : SPECIAL) {
      Integer id = ids.get(token);
      if (id != null) {
        into.addObject()
            .put("id", id)
            .put("content", token)
            .put("single_word", false)
            .put("lstrip", false)
            .put("rstrip", false)
            .put("normalized", false)
            .put("special", true);
      }
    }
  }

  private static ObjectNode normalizer(ObjectNode settings) {
    JsonNode accents = settings.path("strip_accents");
    ObjectNode n =
        JsonNodeFactory.instance
            .objectNode()
            .put("type", "BertNormalizer")
            .put("clean_text", true)
            .put("handle_chinese_chars", settings.path("tokenize_chinese_chars").asBoolean(true));
    if (accents.isBoolean()) {
      n.put("strip_accents", accents.asBoolean());
    } else {
      n.putNull("strip_accents");
    }
    return n.put("lowercase", settings.path("do_lower_case").asBoolean(true));
  }

  private static ObjectNode template(Map<String, Integer> ids) {
    ObjectNode t = JsonNodeFactory.instance.objectNode().put("type", "TemplateProcessing");
    ArrayNode single = t.putArray("single");
    piece(single, "SpecialToken", "[CLS]", 0);
    piece(single, "Sequence", "A", 0);
    piece(single, "SpecialToken", "[SEP]", 0);
    ArrayNode pair = t.putArray("pair").addAll(single.deepCopy());
    piece(pair, "Sequence", "B", 1);
    piece(pair, "SpecialToken", "[SEP]", 1);
    ObjectNode special = t.putObject("special_tokens");
    for (String token : List.of("[CLS]", "[SEP]")) {
      ObjectNode entry = special.putObject(token).put("id", token);
      entry.putArray("ids").add(ids.get(token));
      entry.putArray("tokens").add(token);
    }
    return t;
  }

  private static void piece(ArrayNode into, String kind, String id, int type) {
    into.addObject().putObject(kind).put("id", id).put("type_id", type);
  }
}
