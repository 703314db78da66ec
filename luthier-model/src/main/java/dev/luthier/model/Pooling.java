package dev.luthier.model;

import dev.luthier.model.json.JsonFile;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * From the hidden states of a sequence's tokens to one vector, a sentence embedding (Reimers and
 * Gurevych 2019, arXiv:1908.10084).
 *
 * @param kind how tokens become one vector
 * @param normalize whether the vector is scaled to length one
 */
public record Pooling(Kind kind, boolean normalize) {
  /** How tokens become one vector. */
  public enum Kind {
    /** Their mean. */
    MEAN,
    /** The first of them. */
    FIRST
  }

  /**
   * Reads what sentence-transformers wrote beside a model: {@code modules.json} and the pooling's
   * own folder. The mean, normalised, where there is no such file.
   *
   * @throws ModelException if a step is not one of transformer, pooling by mean or first token, and
   *     normalisation
   */
  public static Pooling read(Path folder) {
    Path file = folder.resolve("modules.json");
    if (!Files.exists(file)) {
      return new Pooling(Kind.MEAN, true);
    }
    try {
      Kind kind = Kind.MEAN;
      boolean normalize = false;
      for (var step : JsonFile.parse(Files.readAllBytes(file), file.toString())) {
        String type = step.path("type").asText();
        String name = type.substring(type.lastIndexOf('.') + 1);
        switch (name) {
          case "Transformer" -> {}
          case "Pooling" -> kind = kind(folder.resolve(step.path("path").asText()));
          case "Normalize" -> normalize = true;
          default -> throw new ModelException(file + ": the step '" + type + "' is not supported");
        }
      }
      return new Pooling(kind, normalize);
    } catch (IOException | JsonFile.Invalid e) {
      throw new ModelException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static Kind kind(Path folder) throws JsonFile.Invalid {
    Path file = folder.resolve("config.json");
    var config = JsonFile.readObject(file);
    if (config.path("pooling_mode_mean_tokens").asBoolean()) {
      return Kind.MEAN;
    }
    if (config.path("pooling_mode_cls_token").asBoolean()) {
      return Kind.FIRST;
    }
    throw new ModelException(file + ": only pooling by mean or by first token is supported");
  }

  /**
   * @param hidden {@code [tokens, width]}
   * @return {@code [sequences, width]}
   */
  public Tensor apply(Tensor hidden, Segments segments) {
    Tensor pooled =
        kind == Kind.MEAN
            ? mean(hidden, segments)
            : hidden.indexSelect(0, segments.firsts().to(hidden.device()));
    return normalize ? unit(pooled) : pooled;
  }

  /**
   * The mean over each sequence's tokens. Differentiable.
   *
   * @param hidden {@code [tokens, width]}
   * @return {@code [sequences, width]}
   */
  public static Tensor mean(Tensor hidden, Segments segments) {
    List<Segments.Run> runs = segments.runs();
    Tensor[] parts = segments.split(hidden);
    for (int i = 0; i < parts.length; i++) {
      Segments.Run run = runs.get(i);
      parts[i] = parts[i].view(run.count(), run.length(), hidden.size(1)).sum(1).div(run.length());
    }
    return parts.length == 1 ? parts[0] : Tensor.cat(0, parts);
  }

  /** Each row scaled to Euclidean length one. Differentiable, also at a row of zeros. */
  public static Tensor unit(Tensor rows) {
    return rows.div(rows.pow(2).sum(1).add(1e-24).sqrt().unsqueeze(1));
  }
}
