package dev.luthier.model;

import dev.luthier.model.nn.Stability;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How config.json says that layers have norms or caps which their architecture lacks. Such a
 * network is of a type of its own, {@code luthier-llama} for instance, so that who knows the
 * architecture alone refuses it instead of leaving them out.
 */
final class StabilityKeys {
  /** What the type of such a network begins with, before that of its architecture. */
  static final String PREFIX = "luthier-";

  private static final String KEY = "stability";

  private StabilityKeys() {}

  /**
   * Reads it.
   *
   * @throws ModelException if the type and the key do not go together, or a value cannot be
   */
  static Stability read(ModelConfig config) {
    ModelConfig group = config.group(KEY);
    boolean own = config.text("model_type", "").startsWith(PREFIX);
    if (group == null) {
      if (own) {
        throw config.error(
            KEY,
            "is missing, which says what norms a network of this type has; without it the weights"
                + " cannot be read");
      }
      return Stability.NONE;
    }
    if (!own) {
      throw config.error(
          "model_type",
          "must begin with "
              + PREFIX
              + " where there is a key "
              + KEY
              + ", so that nobody reads the weights without what it says");
    }
    return new Stability(
        attention(group),
        group.number("cap", Stability.NONE.cap(), 1e-6, 1e9),
        group.flag("norm_outputs", false));
  }

  private static Stability.Attention attention(ModelConfig group) {
    String given = group.text("attention", Stability.Attention.PLAIN.spelling());
    for (Stability.Attention a : Stability.Attention.values()) {
      if (a.spelling().equals(given)) {
        return a;
      }
    }
    throw group.error(
        "attention",
        "'%s' is not one of %s"
            .formatted(
                given,
                Arrays.stream(Stability.Attention.values())
                    .map(Stability.Attention::spelling)
                    .collect(Collectors.joining(", "))));
  }

  /** The configuration of a network that has them. */
  static ModelConfig write(ModelConfig config, Stability how) {
    Map<String, Object> group = new TreeMap<>();
    group.put("attention", how.attention().spelling());
    group.put("norm_outputs", how.normOutputs());
    if (how.scoreCap() > 0) {
      group.put("cap", how.cap());
    }
    return config.with("model_type", PREFIX + config.modelType()).with(KEY, group);
  }
}
