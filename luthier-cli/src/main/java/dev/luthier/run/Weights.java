package dev.luthier.run;

import dev.luthier.model.Model;
import dev.luthier.model.nn.Modules;
import java.nio.charset.StandardCharsets;
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
                d.update(p.value().toBytes());
              });
      return HexFormat.of().formatHex(d.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
