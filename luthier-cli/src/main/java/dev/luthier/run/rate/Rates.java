package dev.luthier.run.rate;

import dev.luthier.train.GradientTransform;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The learning rates of an optimizer and of its links: their keys. */
public final class Rates {
  private static final String RATE = "lr";

  /** All keys by which a schedule's factor multiplies a step. */
  private static final Set<String> SCALED = Set.of(RATE, "angle");

  private Rates() {}

  /** Every key {@code lr} of an optimizer and its links, in their order. */
  public static List<Double> of(GradientTransform optimizer) {
    List<Double> found = new ArrayList<>();
    collect(optimizer, found);
    return List.copyOf(found);
  }

  private static void collect(Object part, List<Double> found) {
    if (part instanceof List<?> parts) {
      parts.forEach(p -> collect(p, found));
    } else if (part instanceof GradientTransform && part instanceof Record) {
      for (RecordComponent c : part.getClass().getRecordComponents()) {
        Object value = value(part, c);
        if (c.getName().equals(RATE) && value instanceof Double rate) {
          found.add(rate);
        } else if (value != null) {
          collect(value, found);
        }
      }
    }
  }

  /** The same optimizer, with all that a schedule multiplies multiplied by a factor. */
  public static GradientTransform times(GradientTransform optimizer, double factor) {
    return (GradientTransform) scaled(optimizer, factor);
  }

  private static Object scaled(Object part, double factor) {
    if (part instanceof List<?> parts) {
      return parts.stream().map(p -> scaled(p, factor)).toList();
    }
    if (!(part instanceof GradientTransform) || !(part instanceof Record)) {
      return part;
    }
    RecordComponent[] components = part.getClass().getRecordComponents();
    @Nullable Object[] values = new @Nullable Object[components.length];
    for (int i = 0; i < values.length; i++) {
      Object value = value(part, components[i]);
      boolean rate = SCALED.contains(components[i].getName());
      values[i] =
          rate && value instanceof Double r
              ? Double.valueOf(r * factor)
              : scaledOrNull(value, factor);
    }
    return make(part.getClass(), components, values);
  }

  private static @Nullable Object scaledOrNull(@Nullable Object value, double factor) {
    return value == null ? null : scaled(value, factor);
  }

  private static Object make(
      Class<?> type, RecordComponent[] components, @Nullable Object[] values) {
    try {
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      Constructor<?> canonical = type.getDeclaredConstructor(types);
      return canonical.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " cannot be made with another rate", e);
    }
  }

  private static @Nullable Object value(Object of, RecordComponent c) {
    try {
      return c.getAccessor().invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(c + " of a public record cannot be read", e);
    }
  }
}
