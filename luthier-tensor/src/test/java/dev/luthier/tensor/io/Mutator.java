package dev.luthier.tensor.io;

import dev.luthier.tensor.Rng;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Damages files in ways that disks, networks, other writers and malice do. A function of its key.
 */
final class Mutator {
  private static final Pattern NUMBER = Pattern.compile("\\d+");
  private static final Pattern TOKEN = Pattern.compile("[\\[\\]{},:]|\"[^\"]*\"|\\d+");
  private static final String[] NUMBERS = {
    "0",
    "1",
    "2",
    "7",
    "8",
    "-1",
    "-0",
    "1.5",
    "1e3",
    "255",
    "2147483647",
    "2147483648",
    "4294967296",
    "9007199254740993",
    "4611686018427387904",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1" + "0".repeat(400)
  };
  private static final String[] TOKENS = {
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "null",
    "true",
    "\"F64\"",
    "\"BOOL\"",
    "\"F4\"",
    "\"F6_E2M3\"",
    "\"dtype\"",
    "\"shape\"",
    "\"data_offsets\"",
    "\"__metadata__\"",
    "\"\\u0061\"",
    "\"\\ud800\"",
    "\"\"",
    " ",
    "\0",
    "\uFEFF"
  };

  private final List<byte[]> originals;
  private final Rng.Key key;
  private long draws;

  Mutator(List<byte[]> originals, Rng.Key key) {
    this.originals = originals;
    this.key = key;
  }

  byte[] next() {
    byte[] content = pick(originals);
    int rounds = 1 + below(3);
    for (int i = 0; i < rounds; i++) {
      content = below(2) == 0 ? damageHeader(content) : damageBytes(content);
    }
    return content;
  }

  private byte[] damageBytes(byte[] content) {
    if (content.length == 0) {
      return new byte[below(20)];
    }
    byte[] c = content.clone();
    int at = below(c.length);
    return switch (below(6)) {
      case 0 -> {
        c[at] ^= (byte) (1 << below(8));
        yield c;
      }
      case 1 -> {
        c[at] = (byte) below(256);
        yield c;
      }
      case 2 -> Arrays.copyOf(c, at);
      case 3 -> Arrays.copyOf(c, c.length + below(40));
      case 4 -> splice(c, at, Math.min(c.length, at + below(16)), new byte[0]);
      default -> {
        byte[] other = pick(originals);
        int from = below(other.length + 1);
        yield splice(c, at, c.length, Arrays.copyOfRange(other, from, other.length));
      }
    };
  }

  /** Changes the JSON and, mostly, makes the length before it fit again. */
  private byte[] damageHeader(byte[] content) {
    if (content.length < 8) {
      return content;
    }
    long length = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 0 || length > content.length - 8) {
      return content;
    }
    byte[] json = Arrays.copyOfRange(content, 8, 8 + (int) length);
    String text = new String(json, StandardCharsets.UTF_8);
    byte[] changed =
        switch (below(4)) {
          case 0 -> replace(text, NUMBER, NUMBERS);
          case 1 -> replace(text, TOKEN, TOKENS);
          case 2 -> duplicate(text);
          default -> damageBytes(json);
        };
    byte[] out = splice(content, 8, 8 + (int) length, changed);
    if (below(8) != 0) {
      ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN).putLong(changed.length);
    }
    return out;
  }

  private byte[] replace(String text, Pattern what, String[] by) {
    List<MatchResult> found = what.matcher(text).results().toList();
    if (found.isEmpty()) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    MatchResult m = found.get(below(found.size()));
    return (text.substring(0, m.start()) + by[below(by.length)] + text.substring(m.end()))
        .getBytes(StandardCharsets.UTF_8);
  }

  private byte[] duplicate(String text) {
    int from = below(text.length() + 1);
    int to = from + below(text.length() - from + 1);
    return (text.substring(0, to) + text.substring(from)).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] splice(byte[] content, int from, int to, byte[] middle) {
    byte[] out = new byte[from + middle.length + content.length - to];
    System.arraycopy(content, 0, out, 0, from);
    System.arraycopy(middle, 0, out, from, middle.length);
    System.arraycopy(content, to, out, from + middle.length, content.length - to);
    return out;
  }

  private byte[] pick(List<byte[]> from) {
    return from.get(below(from.size()));
  }

  private int below(int bound) {
    return key.below(draws++, bound);
  }
}
