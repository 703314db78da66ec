package dev.luthier.model.tokenizer;

import static com.squareup.wire.ProtoAdapter.BOOL;
import static com.squareup.wire.ProtoAdapter.FLOAT;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.squareup.wire.ProtoReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import okio.Buffer;

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
    SentencePieces read = read(model, where);
    return read.toJson(
        added(read, settings, where),
        settings.path("add_bos_token").asBoolean(true),
        settings.path("add_eos_token").asBoolean(false));
  }

  /**
   * What a file holds.
   *
   * @throws TokenizerException if it is damaged, or of a kind that is not supported
   */
  static SentencePieces read(byte[] model, String where) {
    return new SentencePieceFile(where).read(model);
  }

  /** The tokens of {@code added_tokens_decoder} that stand behind the pieces. */
  static List<SentencePieces.Added> added(SentencePieces read, ObjectNode settings, String where) {
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
    try {
      model(new ProtoReader(new Buffer().write(model)));
    } catch (IOException e) {
      throw new TokenizerException(
          where + ": is damaged, or no SentencePiece model; fetch it again. " + e.getMessage(), e);
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

  private void model(ProtoReader in) throws IOException {
    long began = in.beginMessage();
    for (int field = in.nextTag(); field != -1; field = in.nextTag()) {
      switch (field) {
        case 1 -> pieces.add(piece(message(in)));
        case 2 -> trainer(message(in));
        case 3 -> normalizer(message(in));
        default -> in.skip();
      }
    }
    var unused = in.endMessageAndGetUnknownFields(began);
  }

  private SentencePieces.Piece piece(ProtoReader in) throws IOException {
    String text = "";
    float score = 0;
    long kind = 1;
    long began = in.beginMessage();
    for (int field = in.nextTag(); field != -1; field = in.nextTag()) {
      switch (field) {
        case 1 -> text = text(in);
        case 2 -> score = FLOAT.decode(in);
        case 3 -> kind = in.readVarint64();
        default -> in.skip();
      }
    }
    var unused = in.endMessageAndGetUnknownFields(began);
    SentencePieces.Kind[] kinds = SentencePieces.Kind.values();
    if (kind < 1 || kind > kinds.length) {
      throw new TokenizerException(where + ": the piece '" + text + "' is of no known kind");
    }
    return new SentencePieces.Piece(text, score, kinds[(int) kind - 1]);
  }

  private void trainer(ProtoReader in) throws IOException {
    long began = in.beginMessage();
    for (int field = in.nextTag(); field != -1; field = in.nextTag()) {
      switch (field) {
        case 3 -> type = in.readVarint32();
        case 35 -> bytes = BOOL.decode(in);
        case 40 -> unknown = in.readVarint32();
        case 41 -> begin = in.readVarint32();
        case 42 -> end = in.readVarint32();
        default -> in.skip();
      }
    }
    var unused = in.endMessageAndGetUnknownFields(began);
  }

  private void normalizer(ProtoReader in) throws IOException {
    long began = in.beginMessage();
    for (int field = in.nextTag(); field != -1; field = in.nextTag()) {
      switch (field) {
        case 2 -> charsMap = in.readBytes().toByteArray();
        case 3 -> prefix = BOOL.decode(in);
        case 4 -> collapse = BOOL.decode(in);
        default -> in.skip();
      }
    }
    var unused = in.endMessageAndGetUnknownFields(began);
  }

  /** A message within a message. */
  private static ProtoReader message(ProtoReader in) throws IOException {
    return new ProtoReader(new Buffer().write(in.readBytes()));
  }

  /** A text, which must be UTF-8. */
  private static String text(ProtoReader in) throws IOException {
    return StandardCharsets.UTF_8.newDecoder().decode(in.readBytes().asByteBuffer()).toString();
  }
}
