package dev.luthier.train.peft;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** Identifies the weights that an adapter was trained on: a SHA-256 of names, shapes and values. */
final class BaseFingerprint {
  private static final long ROWS = 1 << 22;

  private BaseFingerprint() {}

  /**
   * The fingerprint of parameters by path; their values count rounded to bfloat16, so that it is
   * the same base whether it is held in float32 or in bfloat16.
   */
  static String of(Map<String, Parameter> parameters) {
    MessageDigest digest = sha256();
    new TreeMap<>(parameters)
        .forEach(
            (path, p) -> {
              String head = path + Arrays.toString(p.shape()) + "\n";
              digest.update(head.getBytes(StandardCharsets.UTF_8));
              update(digest, p.value());
            });
    return "sha256:" + HexFormat.of().formatHex(digest.digest());
  }

  /** A piece at a time, so that a large table needs no copy as large. */
  private static void update(MessageDigest digest, Tensor value) {
    long count = value.count();
    for (long at = 0; at < count; at += ROWS) {
      try (Scope scope = Scope.open()) {
        Tensor flat = value.detach().contiguous().view(-1);
        Tensor piece = flat.narrow(0, at, Math.min(ROWS, count - at));
        digest.update(piece.to(DType.BF16).toBytes());
      }
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
