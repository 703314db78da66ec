package dev.luthier.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The SHA-256 of examples: every value is preceded by its kind and length, so none can pass for
 * another.
 */
final class Fingerprint {
  private final MessageDigest digest;

  private Fingerprint() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  static String of(List<Example> examples) {
    Fingerprint print = new Fingerprint();
    for (Example example : examples) {
      print.add(example.text());
      print.add(example.pair());
      print.add(example.target());
      print.add(example.group());
    }
    return HexFormat.of().formatHex(print.digest.digest());
  }

  private void add(@Nullable String text) {
    if (text == null) {
      kind(0, 0);
      return;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    kind(1, bytes.length);
    digest.update(bytes);
  }

  private void add(@Nullable Target target) {
    if (target == null) {
      kind(2, 0);
    } else if (target instanceof Target.OneLabel one) {
      kind(3, 1);
      add(one.label());
    } else if (target instanceof Target.ManyLabels many) {
      kind(4, many.labels().size());
      many.labels().forEach(this::add);
    } else if (target instanceof Target.Score score) {
      kind(5, 1);
      digest.update(ByteBuffer.allocate(8).putDouble(score.value()).flip());
    } else if (target instanceof Target.Completion completion) {
      kind(7, 1);
      add(completion.text());
    } else if (target instanceof Target.Vector vector) {
      float[] values = vector.values();
      kind(6, values.length);
      ByteBuffer bytes = ByteBuffer.allocate(4 * values.length);
      bytes.asFloatBuffer().put(values);
      digest.update(bytes);
    }
  }

  private void kind(int kind, int length) {
    digest.update(ByteBuffer.allocate(5).put((byte) kind).putInt(length).flip());
  }
}
