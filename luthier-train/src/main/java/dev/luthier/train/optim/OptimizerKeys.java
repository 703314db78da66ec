package dev.luthier.train.optim;

import dev.luthier.train.GradientTransform;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an optimizer and the links it is made of say for a key. */
public final class OptimizerKeys {
  private OptimizerKeys() {}

  /** The peak learning rates, each once. */
  public static List<Double> rates(GradientTransform optimizer) {
    return values(optimizer, "lr");
  }

  /** The weight decays, each once; empty if nothing in it can decay weights. */
  public static List<Double> decays(GradientTransform optimizer) {
    return values(optimizer, "weightDecay");
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
