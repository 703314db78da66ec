package dev.luthier.run;

import dev.luthier.model.Model;
import dev.luthier.model.nn.Modules;
import dev.luthier.tensor.Memory;
import dev.luthier.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The identity of a model's weights. */
final class Weights {
  private Weights() {}

  /** SHA-256 over the names and bytes of all parameters. */
  static String fingerprint(Model model) {
    try {
      MessageDigest d = MessageDigest.getInstance("SHA-256");
      Modules.ownParameters(model)
          .forEach(
              (name, p) -> {
                d.update(name.getBytes(StandardCharsets.UTF_8));
                update(d, p.value());
              });
      return HexFormat.of().formatHex(d.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Hashes the bytes where they lie, without a copy of the model. */
  private static void update(MessageDigest digest, Tensor weights) {
    try {
      OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest);
      Memory.write(weights, Channels.newChannel(out));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
