package dev.luthier.train.group;

import dev.luthier.model.Pretrained;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Tensor;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Small models of every family, each with a head. */
final class Bases {
  private Bases() {}

  static Pretrained of(String family) {
    try {
      var at = Objects.requireNonNull(Bases.class.getResource("/golden/lora/base-" + family));
      return Pretrained.load(Path.of(at.toURI()), null, Rng.Key.of(0));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static Map<String, Parameter> trained(Pretrained model) {
    Map<String, Parameter> out = new TreeMap<>();
    Modules.parameters(model.model())
        .forEach(
            (name, p) -> {
              if (p.trainable()) {
                out.put(name, p);
              }
            });
    return out;
  }

  static Tokens tokens() {
    long[] ids = {2, 7, 11, 5, 3, 9, 8};
    return new Tokens(
        Tensor.of(ids, ids.length),
        Tensor.of(new long[ids.length], ids.length),
        new Segments(new int[] {4, 3}, new long[] {0, 1}),
        null);
  }
}
