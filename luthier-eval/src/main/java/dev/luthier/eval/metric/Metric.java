package dev.luthier.eval.metric;

import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.technique.Technique;
import dev.luthier.technique.TechniqueNames;
import java.util.List;
import java.util.Set;

/** Predictions and what is true, to a number. */
public interface Metric {

  /** The forms of predictions this metric is defined on. */
  Set<Kind> kinds();

  /**
   * Makes the metric ready on some predictions.
   *
   * @throws IllegalArgumentException where the metric is not defined on this form of predictions
   */
  Statistic over(Predictions predictions);

  /** Whether a larger value is a better one. */
  default boolean higherIsBetter() {
    return true;
  }

  /** Whether the value is a share of the whole, to be read as a percentage. */
  default boolean share() {
    return false;
  }

  /** What a reader of the value on these predictions should know, one sentence each. */
  default List<String> caveats(Predictions predictions) {
    return List.of();
  }

  /** The value on all examples, or NaN where the metric is undefined on them. */
  default double value(Predictions predictions) {
    return over(predictions).value(Statistic.everyExampleOnce(predictions.size()));
  }

  /** The name in recipes and reports, such as {@code macro-f1}. */
  default String key() {
    return TechniqueNames.of(technique());
  }

  /** The name in the literature. */
  default String title() {
    return technique().name();
  }

  private Technique technique() {
    Technique technique = getClass().getAnnotation(Technique.class);
    if (technique == null) {
      throw new IllegalStateException(getClass() + " lacks @Technique");
    }
    return technique;
  }

  /** The error for predictions a metric is not defined on. */
  default IllegalArgumentException unsuited(Predictions predictions) {
    return new IllegalArgumentException(
        "%s is not defined where a model gives %s; it is for %s"
            .formatted(
                key(),
                predictions.kind().words(),
                kinds().stream().sorted().map(Kind::words).toList()));
  }
}
