package dev.luthier.model;

import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Puts one network's weights into another whose table of words has another length. */
final class Resize {
  private static final List<String> IDS = List.of("pad_token_id", "bos_token_id", "eos_token_id");

  private Resize() {}

  /**
   * The configuration of a network with so many rows.
   *
   * @throws ModelException if something needs more
   */
  static ModelConfig config(ModelConfig config, @Nullable Tokenizer tokenizer, int rows) {
    if (tokenizer != null && tokenizer.maxId() >= rows) {
      throw new ModelException(
          "a table of words of %d rows is too short: %s gives ids up to %d, so it takes %d at least"
              .formatted(rows, tokenizer.where(), tokenizer.maxId(), tokenizer.maxId() + 1));
    }
    for (String key : IDS) {
      for (int id : ids(config, key)) {
        if (id >= rows) {
          throw config.error(
              key,
              "is %d, so a table of words of %d rows is too short; it takes %d at least"
                  .formatted(id, rows, id + 1));
        }
      }
    }
    return config.with("vocab_size", rows);
  }

  /** An id or several; -1 stands for none in files. */
  private static List<Integer> ids(ModelConfig config, String key) {
    return key.startsWith("eos")
        ? config.ids(key)
        : List.of(config.integer(key, -1, -1, Integer.MAX_VALUE));
  }

  /** Fills a network of another length: what has another shape is drawn beyond the old rows. */
  static void copy(Model from, Model into, Rng.Key key) {
    Modules.all(from, Linear.class)
        .forEach(
            (path, layer) -> {
              if (layer.delta() != null) {
                throw new ModelException(
                    path + " carries an adapter; resize the table of words before, or merge it");
              }
            });
    Map<String, Parameter> old = Modules.parameters(from);
    try (Scope scope = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      Modules.parameters(into)
          .forEach(
              (name, p) -> {
                Parameter source = Objects.requireNonNull(old.get(name), name);
                fill(p, source.value().detach(), key.with(name));
                p.setTrainable(source.trainable());
              });
    }
  }

  private static void fill(Parameter p, Tensor source, Rng.Key key) {
    if (Arrays.equals(p.shape(), source.shape())) {
      p.set(source, source.dtype());
      return;
    }
    p.draw(key);
    Tensor value = p.value().detach().to(source.dtype());
    long kept = Math.min(value.size(0), source.size(0));
    var unused = value.narrow(0, 0, kept).copyFrom(source.narrow(0, 0, kept));
    p.set(value, source.dtype());
  }
}
