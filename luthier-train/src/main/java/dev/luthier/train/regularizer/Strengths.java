package dev.luthier.train.regularizer;

import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.Objective;
import dev.luthier.train.objective.Joint;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What recipes say of how strongly to regularize. */
public final class Strengths {
  private Strengths() {}

  /** Whether an objective, or one that it is around, has a strength that a schedule can move. */
  public static boolean areIn(Objective objective) {
    Technique technique = objective.getClass().getAnnotation(Technique.class);
    if (technique != null && technique.area() == Area.REGULARIZER) {
      return true;
    }
    return Stream.of(objective.getClass().isRecord() ? components(objective) : NOTHING)
        .anyMatch(c -> isIn(c, objective));
  }

  private static final RecordComponent[] NOTHING = {};

  private static RecordComponent[] components(Objective objective) {
    return objective.getClass().getRecordComponents();
  }

  private static boolean isIn(RecordComponent component, Objective of) {
    try {
      component.getAccessor().setAccessible(true);
      return isIn(component.getAccessor().invoke(of));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(component + " cannot be read", e);
    }
  }

  private static boolean isIn(@Nullable Object value) {
    return value instanceof Objective inner
        ? areIn(inner)
        : value instanceof Joint.Part part
            ? areIn(part.of())
            : value instanceof List<?> all && all.stream().anyMatch(Strengths::isIn);
  }

  static void requireNotNegative(String key, double value) {
    if (!(value >= 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException(key + " must be at least 0, not " + value);
    }
  }

  static void requireShare(String key, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(key + " must be in [0, 1), not " + value);
    }
  }

  /** What is said where a run was not begun, which the trainer does. */
  static IllegalStateException notBegun(String key) {
    return new IllegalStateException(key + " knows the weights of the beginning only once begun");
  }
}
