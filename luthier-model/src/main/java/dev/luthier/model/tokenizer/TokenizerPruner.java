package dev.luthier.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.model.json.JsonFile;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Makes a WordPiece vocabulary small: the special tokens, every character that occurs, and the
 * pieces that occur most often. No text that could be spelled before becomes unknown, since its
 * characters remain.
 */
public final class TokenizerPruner {
  private static final String CONTINUATION = "##";

  private TokenizerPruner() {}

  /**
   * A smaller tokenizer.
   *
   * @param tokenizer gives ids from 0 on, in the order of the old ones
   * @param originalIds the old id of each new one: which rows of the word table remain
   */
  @SuppressWarnings("ArrayRecordComponent") // An index into a table, handed over once.
  public record Pruned(Tokenizer tokenizer, int[] originalIds) {}

  /**
   * Keeps what the texts need.
   *
   * @param texts what the small vocabulary is for
   * @param size the most tokens it may have
   * @throws TokenizerException if the tokenizer is no WordPiece tokenizer, or the size is too small
   *     for the special tokens and the characters
   */
  public static Pruned prune(Tokenizer tokenizer, Iterable<String> texts, int size) {
    ObjectNode root = TokenizerFiles.object(tokenizer.json(), tokenizer.where());
    String type = root.path("model").path("type").asText();
    if (!type.equals("WordPiece")) {
      throw new TokenizerException(
          tokenizer.where() + ": only WordPiece tokenizers can be pruned, not " + type);
    }
    Map<Integer, Integer> counts = counts(tokenizer, texts);
    Set<Integer> kept = needed(tokenizer, root, counts);
    if (kept.size() > size) {
      throw new TokenizerException(
          "the special tokens and the characters of the texts are "
              + kept.size()
              + " tokens already; a vocabulary of "
              + size
              + " is too small");
    }
    counts.entrySet().stream()
        .sorted(
            Map.Entry.<Integer, Integer>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .map(Map.Entry::getKey)
        .filter(id -> !kept.contains(id))
        .limit(size - kept.size())
        .toList()
        .forEach(kept::add);
    int[] originals = kept.stream().mapToInt(Integer::intValue).toArray();
    return new Pruned(rewritten(tokenizer, root, originals), originals);
  }

  private static Map<Integer, Integer> counts(Tokenizer tokenizer, Iterable<String> texts) {
    Map<Integer, Integer> counts = new HashMap<>();
    for (String text : texts) {
      for (int id : tokenizer.encodeBare(text).ids()) {
        counts.merge(id, 1, Integer::sum);
      }
    }
    return counts;
  }

  private static Set<Integer> needed(
      Tokenizer tokenizer, ObjectNode root, Map<Integer, Integer> counts) {
    Set<Integer> kept = new TreeSet<>();
    root.path("added_tokens").forEach(t -> kept.add(t.path("id").asInt()));
    add(kept, tokenizer.id(root.path("model").path("unk_token").asText()));
    for (int id : counts.keySet()) {
      String piece = Objects.requireNonNull(tokenizer.token(id));
      String body = piece.startsWith(CONTINUATION) ? piece.substring(CONTINUATION.length()) : piece;
      body.codePoints()
          .mapToObj(Character::toString)
          .forEach(
              character -> {
                add(kept, tokenizer.id(character));
                add(kept, tokenizer.id(CONTINUATION + character));
              });
    }
    return kept;
  }

  private static void add(Set<Integer> kept, @Nullable Integer id) {
    if (id != null) {
      kept.add(id);
    }
  }

  private static Tokenizer rewritten(Tokenizer old, ObjectNode root, int[] originals) {
    root.putNull("truncation").putNull("padding");
    ObjectNode vocabulary = ((ObjectNode) root.path("model")).putObject("vocab");
    IntStream.range(0, originals.length)
        .forEach(i -> vocabulary.put(Objects.requireNonNull(old.token(originals[i])), i));
    for (JsonNode token : root.path("added_tokens")) {
      ((ObjectNode) token).put("id", renamed(originals, token.path("id").asInt()));
    }
    renameIds(root.path("post_processor"), originals);
    byte[] config = old.config();
    if (config != null) {
      ObjectNode settings = TokenizerFiles.object(config, TokenizerFiles.CONFIG);
      settings.remove("added_tokens_decoder");
      config = JsonFile.bytes(JsonFile.sorted(settings));
    }
    return Tokenizer.of(JsonFile.bytes(root), config);
  }

  /** The ids within TemplateProcessing ({@code special_tokens}) and BertProcessing (pairs). */
  private static void renameIds(JsonNode processor, int[] originals) {
    for (JsonNode token : processor.path("special_tokens")) {
      ArrayNode ids = (ArrayNode) token.path("ids");
      for (int i = 0; i < ids.size(); i++) {
        ids.set(i, renamed(originals, ids.get(i).asInt()));
      }
    }
    for (String end : new String[] {"sep", "cls"}) {
      if (processor.path(end) instanceof ArrayNode pair) {
        pair.set(1, renamed(originals, pair.get(1).asInt()));
      }
    }
  }

  private static int renamed(int[] originals, int id) {
    return Arrays.binarySearch(originals, id);
  }
}
