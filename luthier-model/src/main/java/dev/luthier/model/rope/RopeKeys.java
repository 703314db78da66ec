package dev.luthier.model.rope;

import dev.luthier.model.ModelConfig;
import dev.luthier.model.ModelException;

/**
 * What config.json says about rotary positions: {@code rope_parameters} (version 5 of
 * transformers), or {@code rope_theta} and {@code rope_scaling} (version 4, where the type may be
 * called {@code type}).
 */
public final class RopeKeys {
  private static final int LIMIT = 1 << 30;
  private static final double FAR = 1e30;

  private final ModelConfig config;
  private final ModelConfig scaling;
  private final PlainRope plain;
  private final int positions;

  private RopeKeys(ModelConfig config, ModelConfig scaling, PlainRope plain, int positions) {
    this.config = config;
    this.scaling = scaling;
    this.plain = plain;
    this.positions = positions;
  }

  /**
   * Reads the frequencies.
   *
   * @param width of a head
   * @param positions {@code max_position_embeddings}
   * @throws ModelException if a key is missing, has a value that cannot be, or names a way that is
   *     not known
   */
  public static RopeFrequencies read(ModelConfig config, int width, int positions) {
    if (width % 2 != 0) {
      throw config.error("head_dim", width + " is odd, so its dimensions cannot turn in pairs");
    }
    ModelConfig old = config.group("rope_scaling");
    ModelConfig given = old == null ? config.group("rope_parameters") : old;
    ModelConfig scaling = given == null ? config : given;
    for (ModelConfig c : new ModelConfig[] {config, scaling}) {
      if (c.number("partial_rotary_factor", 1, 0, FAR) != 1) {
        throw c.error("partial_rotary_factor", "only 1, whole heads that turn, is supported");
      }
    }
    double base = config.number("rope_theta", 10_000, 1, FAR);
    PlainRope plain = new PlainRope(width, scaling.number("rope_theta", base, 1, FAR));
    String type = given == null ? "default" : type(given);
    return new RopeKeys(config, scaling, plain, positions).of(type);
  }

  private static String type(ModelConfig scaling) {
    return scaling.text("rope_type", scaling.text("type", "default"));
  }

  private RopeFrequencies of(String type) {
    return switch (type) {
      case "default" -> plain;
      case "linear" -> new LinearRope(plain, factor());
      case "dynamic" -> dynamic();
      case "yarn" -> yarn();
      case "longrope" -> longRope();
      case "llama3" -> llama3();
      default ->
          throw scaling.error(
              "rope_type",
              "'"
                  + type
                  + "' is not one of those known: default, linear, dynamic, yarn, longrope,"
                  + " llama3");
    };
  }

  private RopeFrequencies dynamic() {
    if (plain.width() <= 2) {
      throw config.error("head_dim", "dynamic rotary positions need heads wider than 2");
    }
    return new DynamicNtkRope(plain, factor(), positions);
  }

  private RopeFrequencies yarn() {
    int trained = trained();
    double factor = scaling.has("factor") ? factor() : (double) positions / trained;
    double fast = positive("beta_fast", 32);
    double slow = positive("beta_slow", 1);
    boolean whole = scaling.flag("truncate", true);
    return new YarnRope(plain, factor, trained, fast, slow, whole, yarnAmplitude(factor));
  }

  private float yarnAmplitude(double factor) {
    double weight = scaling.number("mscale", 0, 0, FAR);
    double common = scaling.number("mscale_all_dim", 0, 0, FAR);
    double own =
        weight > 0 && common > 0
            ? YarnRope.amplitude(factor, weight) / YarnRope.amplitude(factor, common)
            : YarnRope.amplitude(factor, 1);
    return (float) positive("attention_factor", own);
  }

  private RopeFrequencies longRope() {
    int trained = trained();
    int pairs = plain.width() / 2;
    double factor = scaling.has("factor") ? factor() : (double) positions / trained;
    double own = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(trained));
    return new LongRope(
        plain,
        scaling.positives("short_factor", pairs),
        scaling.positives("long_factor", pairs),
        trained,
        (float) positive("attention_factor", own));
  }

  private RopeFrequencies llama3() {
    double low = required("low_freq_factor");
    double high = required("high_freq_factor");
    if (high <= low) {
      throw scaling.error(
          "high_freq_factor", high + " is not above low_freq_factor, which is " + low);
    }
    return new Llama3Rope(plain, factor(), low, high, trained());
  }

  /** What stands outside the group counts, as in the reference. */
  private int trained() {
    String key = "original_max_position_embeddings";
    return config.has(key)
        ? config.size(key, positions, LIMIT)
        : scaling.size(key, positions, LIMIT);
  }

  private double factor() {
    return required("factor");
  }

  private double required(String key) {
    if (!scaling.has(key)) {
      throw scaling.error(key, "is missing");
    }
    return positive(key, 1);
  }

  private double positive(String key, double preset) {
    double value = scaling.number(key, preset, 0, FAR);
    if (value == 0) {
      throw scaling.error(key, "must be above zero");
    }
    return value;
  }
}
