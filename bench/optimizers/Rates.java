import dev.luthier.train.GradientTransform;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** The learning rates of an optimizer: those keys of its own and of its links that scale its steps. */
final class Rates {
  private static final Set<String> KEYS = Set.of("lr", "angle");

  private Rates() {}

  /** Whether a technique updates weights by a rate, itself or by default through another. */
  static boolean has(Class<?> type) {
    try {
      return !of((GradientTransform) type.getConstructor().newInstance()).isEmpty();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " has no defaults", e);
    }
  }

  /** All of them, the optimizer's own first. */
  static List<Double> of(GradientTransform optimizer) {
    List<Double> found = new ArrayList<>();
    for (RecordComponent c : optimizer.getClass().getRecordComponents()) {
      Object value = value(optimizer, c);
      if (KEYS.contains(c.getName()) && value instanceof Double rate) {
        found.add(rate);
      }
      parts(value).forEach(p -> found.addAll(of(p)));
    }
    return found;
  }

  private static List<GradientTransform> parts(Object value) {
    if (value instanceof GradientTransform part) {
      return List.of(part);
    }
    return value instanceof List<?> list
        ? list.stream().flatMap(v -> parts(v).stream()).toList()
        : List.of();
  }

  /** The same optimizer with all its rates multiplied. */
  static GradientTransform times(GradientTransform optimizer, double factor) {
    RecordComponent[] components = optimizer.getClass().getRecordComponents();
    Object[] values = new Object[components.length];
    for (int i = 0; i < values.length; i++) {
      Object value = value(optimizer, components[i]);
      values[i] =
          KEYS.contains(components[i].getName()) && value instanceof Double rate
              ? (Object) (rate * factor)
              : scaled(value, factor);
    }
    return make(optimizer.getClass(), components, values);
  }

  private static Object scaled(Object value, double factor) {
    if (value instanceof GradientTransform part) {
      return times(part, factor);
    }
    return value instanceof List<?> list ? list.stream().map(v -> scaled(v, factor)).toList() : value;
  }

  private static GradientTransform make(
      Class<? extends GradientTransform> type, RecordComponent[] components, Object[] values) {
    try {
      Constructor<? extends GradientTransform> canonical =
          type.getDeclaredConstructor(
              Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
      return canonical.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " cannot be made with another rate", e);
    }
  }

  private static Object value(Object of, RecordComponent c) {
    try {
      return c.getAccessor().invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(c + " of a public record cannot be read", e);
    }
  }
}
