package dev.luthier.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tokens of a tokenizer.json, those added to its model included, and their ids. */
final class Vocabulary {
  private final Map<String, Integer> ids = new HashMap<>();
  private final Map<Integer, String> tokens = new HashMap<>();
  private final String where;
  private int maxId = -1;

  Vocabulary(ObjectNode tokenizer, String where) {
    this.where = where;
    JsonNode pieces = tokenizer.path("model").path("vocab");
    if (pieces.isObject()) {
      pieces.properties().forEach(e -> put(e.getKey(), e.getValue()));
    } else if (pieces.isArray()) {
      for (int i = 0; i < pieces.size(); i++) {
        put(pieces.get(i).path(0).asText(), i);
      }
    } else {
      throw new TokenizerException(where + ": has no model.vocab, so it is not a tokenizer");
    }
    tokenizer.path("added_tokens").forEach(t -> put(t.path("content").asText(), t.path("id")));
    if (tokens.isEmpty()) {
      throw new TokenizerException(where + ": has an empty vocabulary");
    }
  }

  private void put(String token, JsonNode id) {
    if (!id.isIntegralNumber() || !id.canConvertToInt() || id.asInt() < 0) {
      throw new TokenizerException(where + ": the token '" + token + "' has the id " + id);
    }
    put(token, id.asInt());
  }

  private void put(String token, int id) {
    ids.put(token, id);
    tokens.put(id, token);
    maxId = Math.max(maxId, id);
  }

  int size() {
    return tokens.size();
  }

  int maxId() {
    return maxId;
  }

  @Nullable Integer id(String token) {
    return ids.get(token);
  }

  @Nullable String token(int id) {
    return tokens.get(id);
  }
}
