package dev.luthier.train.optim;

import dev.luthier.technique.TechniqueNames;
import dev.luthier.train.GradientTransform;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an optimizer and the links it is made of say for a key. */
public final class OptimizerKeys {
  /** All keys by which a schedule's factor multiplies a step. */
  private static final Set<String> SCALED = Set.of("lr", "angle");

  private OptimizerKeys() {}

  /** What recipes call an optimizer or a link. */
  static String name(GradientTransform optimizer) {
    return TechniqueNames.of(optimizer.getClass());
  }

  /**
   * Refuses what would leave every parameter as it is.
   *
   * @param key where in a recipe it stands
   * @throws IllegalArgumentException naming the key
   */
  public static void requireUpdate(String key, @Nullable GradientTransform optimizer) {
    if (optimizer != null && optimizer.role() != GradientTransform.Role.UPDATE) {
      throw new IllegalArgumentException(
          "%s must update the parameters, which %s does not; put it into a chain with one that does, {chain: {links: [%s, adamw]}}"
              .formatted(key, name(optimizer), name(optimizer)));
    }
  }

  /** The peak learning rates, each once. */
  public static List<Double> rates(GradientTransform optimizer) {
    return values(optimizer, "lr");
  }

  /** The weight decays, each once; empty if nothing in it can decay weights. */
  public static List<Double> decays(GradientTransform optimizer) {
    return values(optimizer, "weightDecay");
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
      if (value instanceof Double rate && SCALED.contains(components[i].getName())) {
        values[i] = rate * factor;
      } else {
        values[i] = value == null ? null : scaled(value, factor);
      }
    }
    return make(part.getClass(), components, values);
  }

  private static Object make(
      Class<?> type, RecordComponent[] components, @Nullable Object... values) {
    try {
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      Constructor<?> canonical = type.getDeclaredConstructor(types);
      canonical.setAccessible(true);
      return canonical.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " cannot be made with another rate", e);
    }
  }

  private static List<Double> values(GradientTransform optimizer, String key) {
    List<Double> found = new ArrayList<>();
    collect(optimizer, key, found);
    return found.stream().distinct().toList();
  }

  private static void collect(Object part, String key, List<Double> found) {
    if (part instanceof List<?> parts) {
      parts.forEach(p -> collect(p, key, found));
    } else if (part instanceof WeightDecay link && key.equals("weightDecay")) {
      found.add(link.lambda());
    } else if (part instanceof GradientTransform && part instanceof Record) {
      for (RecordComponent c : part.getClass().getRecordComponents()) {
        Object value = value(part, c);
        if (c.getName().equals(key) && value instanceof Double number) {
          found.add(number);
        } else if (value != null) {
          collect(value, key, found);
        }
      }
    }
  }

  private static @Nullable Object value(Object of, RecordComponent c) {
    try {
      c.getAccessor().setAccessible(true);
      return c.getAccessor().invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(c + " cannot be read", e);
    }
  }
}
