package dev.luthier.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * Makes a tokenizer.json from {@code tokenizer.model}, a model of SentencePiece as Llama and its
 * kin have it. The file is a message of Protocol Buffers; other families number the pieces in their
 * own ways, so their class in tokenizer_config.json is refused.
 */
final class SentencePieceFile {
  private static final Set<String> CLASSES =
      Set.of(
          "LlamaTokenizer",
          "LlamaTokenizerFast",
          "PreTrainedTokenizer",
          "PreTrainedTokenizerFast",
          "TokenizersBackend");
  private static final int UNIGRAM = 1;
  private static final int BPE = 2;

  private final String where;
  private final List<SentencePieces.Piece> pieces = new ArrayList<>();
  private int type = UNIGRAM;
  private boolean bytes;
  private int unknown;
  private int begin = 1;
  private int end = 2;
  private byte[] charsMap = {};
  private boolean prefix = true;
  private boolean collapse = true;

  private SentencePieceFile(String where) {
    this.where = where;
  }

  /**
   * @param settings tokenizer_config.json: {@code add_bos_token} (true if absent), {@code
   *     add_eos_token} (false if absent), {@code added_tokens_decoder}
   * @throws TokenizerException if the file is damaged, or of a kind that is not supported
   */
  static byte[] toJson(byte[] model, ObjectNode settings, String where) {
    String owner = settings.path("tokenizer_class").asText("LlamaTokenizer");
    if (!CLASSES.contains(owner)) {
      throw new TokenizerException(
          where
              + ": a tokenizer of the class "
              + owner
              + " cannot be made from this file alone; save its tokenizer.json with transformers:"
              + " AutoTokenizer.from_pretrained(...).save_pretrained(...)");
    }
    SentencePieces read = new SentencePieceFile(where).read(model);
    return read.toJson(
        added(read, settings, where),
        settings.path("add_bos_token").asBoolean(true),
        settings.path("add_eos_token").asBoolean(false));
  }

  private static List<SentencePieces.Added> added(
      SentencePieces read, ObjectNode settings, String where) {
    TreeMap<Integer, SentencePieces.Added> out = new TreeMap<>();
    settings
        .path("added_tokens_decoder")
        .properties()
        .forEach(
            e -> {
              if (!e.getKey().matches("[0-9]{1,9}")) {
                throw new TokenizerException(
                    where + ": added_tokens_decoder beside it has the id '" + e.getKey() + "'");
              }
              int id = Integer.parseInt(e.getKey());
              JsonNode token = e.getValue();
              if (id >= read.pieces().size()) {
                boolean special = token.path("special").asBoolean();
                out.put(id, new SentencePieces.Added(id, token.path("content").asText(), special));
              }
            });
    return List.copyOf(out.values());
  }

  private SentencePieces read(byte[] model) {
    ProtoReader in = new ProtoReader(ByteBuffer.wrap(model), where);
    while (in.next()) {
      switch (in.field()) {
        case 1 -> pieces.add(piece(in.message()));
        case 2 -> trainer(in.message());
        case 3 -> normalizer(in.message());
        default -> in.skip();
      }
    }
    if (pieces.isEmpty()) {
      throw new TokenizerException(where + ": holds no pieces, so it is no SentencePiece model");
    }
    if (type != UNIGRAM && type != BPE) {
      throw new TokenizerException(
          where + ": models of words or characters are not supported, only BPE and unigram");
    }
    if (within(unknown) < 0) {
      throw new TokenizerException(
          where + ": has no piece for what is unknown, id " + unknown + " is none");
    }
    return new SentencePieces(
        type == BPE,
        pieces,
        within(unknown),
        within(begin),
        within(end),
        bytes,
        charsMap,
        prefix,
        collapse);
  }

  private int within(int id) {
    return id >= 0 && id < pieces.size() ? id : -1;
  }

  private SentencePieces.Piece piece(ProtoReader in) {
    String text = "";
    float score = 0;
    long kind = 1;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> text = in.text();
        case 2 -> score = in.real();
        case 3 -> kind = in.number();
        default -> in.skip();
      }
    }
    SentencePieces.Kind[] kinds = SentencePieces.Kind.values();
    if (kind < 1 || kind > kinds.length) {
      throw new TokenizerException(where + ": the piece '" + text + "' is of no known kind");
    }
    return new SentencePieces.Piece(text, score, kinds[(int) kind - 1]);
  }

  private void trainer(ProtoReader in) {
    while (in.next()) {
      switch (in.field()) {
        case 3 -> type = (int) in.number();
        case 35 -> bytes = in.number() != 0;
        case 40 -> unknown = (int) in.number();
        case 41 -> begin = (int) in.number();
        case 42 -> end = (int) in.number();
        default -> in.skip();
      }
    }
  }

  private void normalizer(ProtoReader in) {
    while (in.next()) {
      switch (in.field()) {
        case 2 -> charsMap = in.bytes();
        case 3 -> prefix = in.number() != 0;
        case 4 -> collapse = in.number() != 0;
        default -> in.skip();
      }
    }
  }
}
