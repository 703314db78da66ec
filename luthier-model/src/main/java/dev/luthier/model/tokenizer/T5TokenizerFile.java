package dev.luthier.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.model.json.JsonFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes a tokenizer.json from {@code spiece.model}, a model of SentencePiece as T5 and its kin have
 * it (Raffel et al. 2019, arXiv:1910.10683): pieces are chosen for the largest sum of scores (Kudo
 * 2018, arXiv:1804.10959), behind them stand the sentinels {@code <extra_id_0>} and so on, the last
 * id being the first sentinel's, and every text ends with the end-of-text token.
 */
final class T5TokenizerFile {
  private static final Set<String> CLASSES = Set.of("T5Tokenizer", "T5TokenizerFast");
  private static final String CLASS = "tokenizer_class";
  private static final Map<String, String> DEFAULTS =
      Map.of("eos_token", "</s>", "pad_token", "<pad>", "unk_token", "<unk>");
  private static final String SENTINELS = "extra_ids";
  private static final int USUAL = 100;
  private static final int MOST = 100_000;

  private final SentencePieces read;
  private final List<SentencePieces.Added> sentinels;
  private final int end;

  private T5TokenizerFile(SentencePieces read, List<SentencePieces.Added> sentinels, int end) {
    this.read = read;
    this.sentinels = sentinels;
    this.end = end;
  }

  /**
   * What tokenizer_config.json says, with what T5 takes for granted: the names of its special
   * tokens. Where it names no class, the model beside it must be a T5.
   *
   * @param special what special_tokens_map.json says
   */
  static ObjectNode settings(ObjectNode given, ObjectNode special, Path folder) {
    ObjectNode out = given.deepCopy();
    if (!given.has(CLASS) && isT5(folder)) {
      out.put(CLASS, "T5Tokenizer");
    }
    DEFAULTS.forEach(
        (key, text) -> {
          if (!given.has(key) && !special.has(key)) {
            out.put(key, text);
          }
        });
    return out;
  }

  private static boolean isT5(Path folder) {
    Path config = folder.resolve("config.json");
    try {
      return Files.exists(config)
          && JsonFile.readObject(config).path("model_type").asText().equals("t5");
    } catch (JsonFile.Invalid e) {
      return false;
    }
  }

  /**
   * @param settings as {@link #settings} gives them; {@code extra_ids} is the number of sentinels
   * @throws TokenizerException if the file is damaged, or not of T5's kind
   */
  static byte[] toJson(byte[] model, ObjectNode settings, String where) {
    String owner = settings.path(CLASS).asText("");
    if (!CLASSES.contains(owner)) {
      throw new TokenizerException(
          where
              + ": can be read for T5Tokenizer, but "
              + (owner.isEmpty()
                  ? "no tokenizer_class is named, and there is no config.json of a t5 beside it"
                  : "this is of the class " + owner)
              + "; save its tokenizer.json with transformers:"
              + " AutoTokenizer.from_pretrained(...).save_pretrained(...)");
    }
    SentencePieces read = SentencePieceFile.read(model, where);
    if (read.merges() || read.bytes()) {
      throw new TokenizerException(
          where + ": has pieces that are joined, or of bytes; T5's are chosen, and texts");
    }
    return new T5TokenizerFile(read, sentinels(read, settings, where), end(read, where)).json();
  }

  private static int end(SentencePieces read, String where) {
    for (int id = 0; id < read.pieces().size(); id++) {
      if (read.pieces().get(id).text().equals(DEFAULTS.get("eos_token"))) {
        return id;
      }
    }
    throw new TokenizerException(where + ": has no piece </s>, with which T5's texts end");
  }

  private static List<SentencePieces.Added> sentinels(
      SentencePieces read, ObjectNode settings, String where) {
    JsonNode asked = settings.path(SENTINELS);
    int n = asked.isMissingNode() || asked.isNull() ? USUAL : asked.asInt(-1);
    if (n < 0 || n > MOST) {
      throw new TokenizerException(
          "%s: extra_ids is %s in tokenizer_config.json; it must be 0 to %d"
              .formatted(where, asked, MOST));
    }
    int first = read.pieces().size();
    List<SentencePieces.Added> out = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      out.add(new SentencePieces.Added(first + i, "<extra_id_%d>".formatted(n - 1 - i), true));
    }
    for (SentencePieces.Added other : SentencePieceFile.added(read, settings, where)) {
      if (other.id() >= first + n) {
        out.add(other);
      } else if (!other.equals(out.get(other.id() - first))) {
        throw new TokenizerException(
            "%s: tokenizer_config.json has the token %s with the id %d, which is that of %s"
                .formatted(where, other.text(), other.id(), out.get(other.id() - first).text()));
      }
    }
    return out;
  }

  private byte[] json() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("version", "1.0");
    root.putNull("truncation").putNull("padding");
    read.added(root.putArray("added_tokens"), sentinels);
    if (read.charsMap().length == 0) {
      root.putNull("normalizer");
    } else {
      root.putObject("normalizer")
          .put("type", "Precompiled")
          .put("precompiled_charsmap", Base64.getEncoder().encodeToString(read.charsMap()));
    }
    ObjectNode before = root.putObject("pre_tokenizer").put("type", "Sequence");
    ArrayNode steps = before.putArray("pretokenizers");
    steps.addObject().put("type", "WhitespaceSplit");
    spaces(steps.addObject());
    root.set("post_processor", read.template(List.of(), List.of(end)));
    spaces(root.putObject("decoder"));
    ObjectNode model = read.chosen();
    ArrayNode vocabulary = (ArrayNode) model.get("vocab");
    sentinels.stream()
        .filter(s -> s.id() == vocabulary.size())
        .forEach(s -> vocabulary.addArray().add(s.text()).add(0.0));
    root.set("model", model);
    return JsonFile.bytes(root);
  }

  private static void spaces(ObjectNode step) {
    step.put("type", "Metaspace")
        .put("replacement", "▁")
        .put("prepend_scheme", "always")
        .put("split", true);
  }
}
