package dev.luthier.train.diagnosis;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the numbers of a model's layers say of their training, one layer beside the other.
 *
 * @see <a href="https://arxiv.org/abs/1211.5063">Pascanu et al. 2013, on gradients that vanish and
 *     explode</a>
 */
public final class LayerHealth {
  /** A layer whose gradient is less than this part of the largest layer's learns nothing. */
  private static final double VANISHING = 1e-5;

  /** Of a mean loss, no gradient of a layer is that large but by a fault. */
  private static final double EXPLODING = 1e3;

  /** A layer that changes by a tenth of itself in a step forgets what it knew. */
  private static final double REWRITTEN = 0.1;

  private static final double MOSTLY_DEAD = 0.5;

  private LayerHealth() {}

  /** What can be wrong with a layer. */
  public enum Fault {
    /** Its gradient is nothing beside that of others. */
    VANISHING("gradients vanish"),
    /** Its gradient is huge. */
    EXPLODING("gradients explode"),
    /** A step changes much of it. */
    REWRITTEN("a step changes more than a tenth of the weights"),
    /** Most of its units never say anything. */
    DEAD("most units are never active");

    private final String words;

    Fault(String words) {
      this.words = words;
    }

    /** In words. */
    public String words() {
      return words;
    }

    /** What to try, the most promising first. */
    public List<String> remedies() {
      return switch (this) {
        case VANISHING ->
            List.of(
                "a look at the layers between it and the loss",
                "training the upper layers alone (adapt: [full, {freeze: {lowest: N}}])",
                "more precision (train.precision: float32)");
        case EXPLODING ->
            List.of("train.clip-norm: 1", "a lower learning rate", "a longer warmup in schedule");
        case REWRITTEN -> List.of("a lower learning rate", "a longer warmup in schedule");
        case DEAD -> List.of("a lower learning rate", "less weight decay", "another base model");
      };
    }
  }

  /**
   * Layers whose gradients vanish: they hold less than a hundred-thousandth of the largest, or
   * nothing.
   *
   * @param norms of the gradients, by layer
   */
  public static List<String> vanishing(Map<String, Double> norms) {
    double most = norms.values().stream().mapToDouble(Double::doubleValue).max().orElse(0);
    return most > 0 ? those(norms, n -> n < VANISHING * most) : List.of();
  }

  /**
   * Layers whose gradients explode: their norm is above a thousand, or not finite.
   *
   * @param norms of the gradients of a mean loss, by layer
   */
  public static List<String> exploding(Map<String, Double> norms) {
    return those(norms, n -> !(n <= EXPLODING));
  }

  /**
   * Layers that a step changes by more than a tenth.
   *
   * @param ratios norm of the update by norm of the weights, by layer
   */
  public static List<String> rewritten(Map<String, Double> ratios) {
    return those(ratios, r -> r > REWRITTEN);
  }

  /**
   * Layers of which most units are dead.
   *
   * @param shares of units that were never active, by layer
   */
  public static List<String> dead(Map<String, Double> shares) {
    return those(shares, s -> s > MOSTLY_DEAD);
  }

  private static List<String> those(
      Map<String, Double> values, java.util.function.DoublePredicate which) {
    List<String> out = new ArrayList<>();
    values.forEach(
        (layer, v) -> {
          if (which.test(v)) {
            out.add(String.format(Locale.ROOT, "%s (%.3g)", layer, v));
          }
        });
    return out;
  }
}
