package dev.luthier.model.tokenizer;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.luthier.model.json.JsonFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The vocabulary file of Karpathy's llama2.c: the length of the longest piece, then for each piece
 * a float32 score, the number of its bytes and the bytes, all numbers little-endian. The pieces are
 * those of a SentencePiece BPE model with bytes, spaces written as spaces: unknown, begin, end, the
 * 256 bytes, then the others.
 */
public final class Llama2cVocabulary {
  private static final int BYTES_FROM = 3;
  private static final int BYTES_TO = BYTES_FROM + 256;
  private static final List<String> FIRST = List.of("<unk>", "<s>", "</s>");

  private Llama2cVocabulary() {}

  /**
   * Reads the tokenizer. Texts begin with the piece for that.
   *
   * @param maxTokens the longest text of the model it belongs to
   * @throws TokenizerException if the file cannot be read, or is damaged
   */
  public static Tokenizer read(Path file, int maxTokens) {
    byte[] content;
    try {
      content = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new TokenizerException(file + ": cannot be read: " + e, e);
    }
    SentencePieces pieces =
        new SentencePieces(true, pieces(content, file), 0, 1, 2, true, new byte[0], true, false);
    var settings =
        JsonNodeFactory.instance
            .objectNode()
            .put("bos_token", FIRST.get(1))
            .put("eos_token", FIRST.get(2))
            .put("unk_token", FIRST.get(0))
            .put("model_max_length", maxTokens)
            .put("tokenizer_class", "PreTrainedTokenizerFast");
    return Tokenizer.of(
        pieces.toJson(List.of(), true, false), JsonFile.bytes(JsonFile.sorted(settings)));
  }

  private static List<SentencePieces.Piece> pieces(byte[] content, Path file) {
    ByteBuffer in = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    List<SentencePieces.Piece> out = new ArrayList<>();
    if (in.remaining() < 4) {
      throw damaged(file, "it is too short");
    }
    int longest = in.getInt();
    while (in.hasRemaining()) {
      int id = out.size();
      if (in.remaining() < 8) {
        throw damaged(file, "it ends within piece " + id);
      }
      float score = in.getFloat();
      int length = in.getInt();
      if (length < 0 || length > Math.min(Math.max(longest, 16), in.remaining())) {
        throw damaged(file, "piece " + id + " has a length of " + length);
      }
      out.add(piece(id, score, text(in.slice(in.position(), length), id, file)));
      in.position(in.position() + length);
    }
    if (out.size() <= BYTES_TO) {
      throw damaged(file, "it has only " + out.size() + " pieces");
    }
    return out;
  }

  private static String text(ByteBuffer bytes, int id, Path file) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw damaged(file, "piece " + id + " is not UTF-8");
    }
  }

  private static SentencePieces.Piece piece(int id, float score, String text) {
    if (id < BYTES_FROM) {
      SentencePieces.Kind kind =
          id == 0 ? SentencePieces.Kind.UNKNOWN : SentencePieces.Kind.CONTROL;
      return new SentencePieces.Piece(FIRST.get(id), score, kind);
    }
    return id < BYTES_TO
        ? new SentencePieces.Piece(text, score, SentencePieces.Kind.BYTE)
        : new SentencePieces.Piece(text.replace(' ', '▁'), score, SentencePieces.Kind.NORMAL);
  }

  private static TokenizerException damaged(Path file, String problem) {
    return new TokenizerException(
        file + ": is damaged, or no vocabulary of llama2.c: " + problem + "; fetch it again");
  }
}
