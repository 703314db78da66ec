package dev.luthier.model.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Reads the fields of one message in the wire format of Protocol Buffers, one after the other. */
final class ProtoReader {
  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED_32 = 5;

  private final ByteBuffer in;
  private final String where;
  private int field;
  private int wire;

  ProtoReader(ByteBuffer message, String where) {
    this.in = message.slice().order(ByteOrder.LITTLE_ENDIAN);
    this.where = where;
  }

  /** Goes to the next field; false at the end of the message. */
  boolean next() {
    if (!in.hasRemaining()) {
      return false;
    }
    long tag = varint();
    field = (int) (tag >>> 3);
    wire = (int) tag & 7;
    if (field <= 0) {
      throw damaged("a field has the number " + field);
    }
    return true;
  }

  /** The number of the field. */
  int field() {
    return field;
  }

  /** A whole number; enumerations and booleans are whole numbers. */
  long number() {
    require(VARINT);
    return varint();
  }

  /** A float32 number. */
  float real() {
    require(FIXED_32);
    need(4);
    return in.getFloat();
  }

  /** A message within this one. */
  ProtoReader message() {
    return new ProtoReader(part(), where);
  }

  /** Bytes. */
  byte[] bytes() {
    ByteBuffer part = part();
    byte[] out = new byte[part.remaining()];
    part.get(out);
    return out;
  }

  /** A text in UTF-8. */
  String text() {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(part()).toString();
    } catch (CharacterCodingException e) {
      throw damaged("a text is not UTF-8");
    }
  }

  /** Passes over the value of a field that does not matter. */
  void skip() {
    switch (wire) {
      case VARINT -> {
        long unused = varint();
      }
      case FIXED_64 -> forward(8);
      case FIXED_32 -> forward(4);
      case BYTES -> {
        var unused = part();
      }
      default -> throw damaged("field " + field + " has the unknown type " + wire);
    }
  }

  private ByteBuffer part() {
    require(BYTES);
    long length = varint();
    need(length);
    ByteBuffer part = in.slice(in.position(), (int) length);
    forward((int) length);
    return part;
  }

  private void forward(int bytes) {
    need(bytes);
    in.position(in.position() + bytes);
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      need(1);
      byte b = in.get();
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw damaged("a number has no end");
  }

  private void require(int type) {
    if (wire != type) {
      throw damaged("field " + field + " has the type " + wire + " instead of " + type);
    }
  }

  private void need(long bytes) {
    if (bytes < 0 || bytes > in.remaining()) {
      throw damaged(bytes + " bytes are wanted where " + in.remaining() + " are left");
    }
  }

  private TokenizerException damaged(String problem) {
    return new TokenizerException(
        where + ": is damaged, or no SentencePiece model: " + problem + "; fetch it again");
  }
}
