package dev.luthier.model.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.model.json.JsonFile;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a SentencePiece model knows (Kudo and Richardson 2018, arXiv:1808.06226), and the
 * tokenizer.json that does the same: pieces of text with spaces written as ▁, joined pair by pair
 * in the order of their scores (BPE, Sennrich et al. 2015, arXiv:1508.07909) or chosen for the
 * largest sum of scores (unigram, Kudo 2018, arXiv:1804.10959).
 *
 * @param merges whether pieces are joined, rather than chosen
 * @param pieces in the order of their ids
 * @param unknown id of the piece for what is in no other
 * @param begin id of the piece that begins a text, or -1
 * @param end id of the piece that ends a text, or -1
 * @param bytes whether what is in no piece becomes its bytes
 * @param charsMap the compiled table of characters to replace first; empty for none
 * @param prefix whether a text gets a space before it
 * @param collapse whether spaces around a text are dropped and several within it become one
 */
@SuppressWarnings("ArrayRecordComponent") // Bytes of a file, never compared.
record SentencePieces(
    boolean merges,
    List<Piece> pieces,
    int unknown,
    int begin,
    int end,
    boolean bytes,
    byte[] charsMap,
    boolean prefix,
    boolean collapse) {
  private static final String SPACE = "▁";

  /** What a piece is for. */
  enum Kind {
    NORMAL,
    UNKNOWN,
    CONTROL,
    USER,
    UNUSED,
    BYTE
  }

  /**
   * A piece.
   *
   * @param score the higher, the sooner it is joined or the likelier it is chosen
   */
  record Piece(String text, float score, Kind kind) {}

  /** A token that stands beside the pieces. */
  record Added(int id, String text, boolean special) {}

  /**
   * The tokenizer.json.
   *
   * @param more tokens beside the pieces
   * @param addBegin whether each text begins with the piece for that
   * @param addEnd whether each text ends with the piece for that
   */
  byte[] toJson(List<Added> more, boolean addBegin, boolean addEnd) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("version", "1.0");
    root.putNull("truncation").putNull("padding");
    added(root.putArray("added_tokens"), more);
    root.set("normalizer", normalizer());
    root.putNull("pre_tokenizer");
    List<Integer> before = addBegin && begin >= 0 ? List.of(begin) : List.of();
    List<Integer> after = addEnd && end >= 0 ? List.of(end) : List.of();
    if (before.isEmpty() && after.isEmpty()) {
      root.putNull("post_processor");
    } else {
      root.set("post_processor", template(before, after));
    }
    root.set("decoder", decoder());
    root.set("model", merges ? joined() : chosen());
    return JsonFile.bytes(root);
  }

  // ---- the model ----

  private ObjectNode joined() {
    ObjectNode model = JsonNodeFactory.instance.objectNode().put("type", "BPE");
    model.putNull("dropout");
    model.put("unk_token", pieces.get(unknown).text());
    model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    model.put("fuse_unk", true).put("byte_fallback", bytes).put("ignore_merges", false);
    ObjectNode vocabulary = model.putObject("vocab");
    for (int id = 0; id < pieces.size(); id++) {
      vocabulary.put(pieces.get(id).text(), id);
    }
    ArrayNode list = model.putArray("merges");
    orderedMerges().forEach(m -> list.addArray().add(m.left()).add(m.right()));
    return model;
  }

  private record Merge(String left, String right, float score) {}

  /** All pairs that make a piece, those of high scores first, longer parts first among equals. */
  private List<Merge> orderedMerges() {
    Map<String, Integer> ids = new HashMap<>();
    for (int id = 0; id < pieces.size(); id++) {
      if (pieces.get(id).kind() == Kind.NORMAL) {
        ids.putIfAbsent(pieces.get(id).text(), id);
      }
    }
    List<Merge> all = new ArrayList<>();
    for (Piece piece : pieces) {
      if (piece.kind() == Kind.NORMAL) {
        all.addAll(pairs(piece, ids));
      }
    }
    all.sort(
        Comparator.comparingDouble((Merge m) -> -m.score())
            .thenComparing(m -> -points(m.left()))
            .thenComparing(m -> -points(m.right())));
    return all;
  }

  private static List<Merge> pairs(Piece piece, Map<String, Integer> ids) {
    List<Merge> out = new ArrayList<>();
    String text = piece.text();
    for (int at = 1; at < text.length(); at++) {
      String left = text.substring(0, at);
      String right = text.substring(at);
      if (ids.containsKey(left) && ids.containsKey(right)) {
        out.add(new Merge(left, right, piece.score()));
      }
    }
    out.sort(
        Comparator.comparing((Merge m) -> ids.get(m.left()))
            .thenComparing(m -> ids.get(m.right())));
    return out;
  }

  private static int points(String text) {
    return text.codePointCount(0, text.length());
  }

  /** The model that chooses pieces, as tokenizer.json has it. */
  ObjectNode chosen() {
    ObjectNode model = JsonNodeFactory.instance.objectNode().put("type", "Unigram");
    model.put("unk_id", unknown);
    ArrayNode vocabulary = model.putArray("vocab");
    pieces.forEach(p -> vocabulary.addArray().add(p.text()).add((double) p.score()));
    return model.put("byte_fallback", bytes);
  }

  // ---- around the model ----

  /**
   * Pieces that the makers of a model listed (user pieces) cannot be joined from others, so that
   * they are cut out first; where pieces are chosen their score is the best there is.
   */
  void added(ArrayNode into, List<Added> more) {
    List<Added> all = new ArrayList<>();
    for (int id = 0; id < pieces.size(); id++) {
      Kind kind = pieces.get(id).kind();
      if (kind == Kind.CONTROL || kind == Kind.UNKNOWN || (kind == Kind.USER && merges)) {
        all.add(new Added(id, pieces.get(id).text(), kind != Kind.USER));
      }
    }
    all.addAll(more);
    for (Added a : all) {
      into.addObject()
          .put("id", a.id())
          .put("content", a.text())
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", a.special());
    }
  }

  private ObjectNode normalizer() {
    ObjectNode sequence = JsonNodeFactory.instance.objectNode().put("type", "Sequence");
    ArrayNode steps = sequence.putArray("normalizers");
    if (charsMap.length > 0) {
      steps
          .addObject()
          .put("type", "Precompiled")
          .put("precompiled_charsmap", Base64.getEncoder().encodeToString(charsMap));
    }
    if (collapse) {
      replace(steps, "Regex", "^ +| +$", "");
      replace(steps, "Regex", " {2,}", " ");
    }
    if (prefix) {
      steps.addObject().put("type", "Prepend").put("prepend", SPACE);
    }
    replace(steps, "String", " ", SPACE);
    return sequence;
  }

  private ObjectNode decoder() {
    ObjectNode sequence = JsonNodeFactory.instance.objectNode().put("type", "Sequence");
    ArrayNode steps = sequence.putArray("decoders");
    replace(steps, "String", SPACE, " ");
    if (bytes) {
      steps.addObject().put("type", "ByteFallback");
    }
    steps.addObject().put("type", "Fuse");
    if (prefix) {
      steps.addObject().put("type", "Strip").put("content", " ").put("start", 1).put("stop", 0);
    }
    return sequence;
  }

  private static void replace(ArrayNode steps, String kind, String pattern, String by) {
    ObjectNode step = steps.addObject().put("type", "Replace");
    step.putObject("pattern").put(kind, pattern);
    step.put("content", by);
  }

  /** What stands before and after each text, as tokenizer.json has it. */
  ObjectNode template(List<Integer> before, List<Integer> after) {
    ObjectNode t = JsonNodeFactory.instance.objectNode().put("type", "TemplateProcessing");
    ArrayNode single = t.putArray("single");
    text(single, "A", 0, before, after);
    ArrayNode pair = t.putArray("pair");
    text(pair, "A", 0, before, after);
    text(pair, "B", 1, before, after);
    ObjectNode special = t.putObject("special_tokens");
    List<Integer> all = new ArrayList<>(before);
    all.addAll(after);
    for (int id : all) {
      String text = pieces.get(id).text();
      ObjectNode entry = special.putObject(text).put("id", text);
      entry.putArray("ids").add(id);
      entry.putArray("tokens").add(text);
    }
    return t;
  }

  private void text(
      ArrayNode into, String name, int type, List<Integer> before, List<Integer> after) {
    before.forEach(id -> item(into, "SpecialToken", pieces.get(id).text(), type));
    item(into, "Sequence", name, type);
    after.forEach(id -> item(into, "SpecialToken", pieces.get(id).text(), type));
  }

  private static void item(ArrayNode into, String kind, String id, int type) {
    into.addObject().putObject(kind).put("id", id).put("type_id", type);
  }
}
