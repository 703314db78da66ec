package dev.luthier.recipe.shape;

import dev.luthier.data.DataException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A constructor of a record.
 *
 * @param constructor the constructor
 * @param components the components it takes, in its order
 */
record Maker(Constructor<?> constructor, List<String> components) {

  /** A record refused its values. */
  static final class Refusal extends Exception {
    private static final long serialVersionUID = 1;

    Refusal(Throwable cause) {
      super(cause.getMessage(), cause);
    }
  }

  /** The constructor that takes every component. */
  static Maker canonical(Class<?> type) {
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types = Stream.of(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return new Maker(constructor, Stream.of(components).map(RecordComponent::getName).toList());
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException(type.getName() + " has no canonical constructor", e);
    }
  }

  /**
   * The shortest constructor whose parameters are components, by name and type. What it does not
   * take has a default, which its instances hold.
   */
  static Optional<Maker> ofDefaults(Class<?> type) {
    return Arrays.stream(type.getDeclaredConstructors())
        .filter(c -> !Modifier.isPrivate(c.getModifiers()))
        .filter(c -> c.getParameterCount() < type.getRecordComponents().length)
        .filter(c -> Arrays.stream(c.getParameters()).allMatch(p -> isComponent(p, type)))
        .min(Comparator.comparingInt(Constructor::getParameterCount))
        .map(Maker::of);
  }

  private static Maker of(Constructor<?> constructor) {
    constructor.setAccessible(true);
    return new Maker(
        constructor, Arrays.stream(constructor.getParameters()).map(Parameter::getName).toList());
  }

  private static boolean isComponent(Parameter parameter, Class<?> type) {
    return Arrays.stream(type.getRecordComponents())
        .anyMatch(
            c -> c.getName().equals(parameter.getName()) && c.getType() == parameter.getType());
  }

  /**
   * Makes a record.
   *
   * @throws Refusal if a value is out of range
   */
  Object make(@Nullable Object... arguments) throws Refusal {
    try {
      return constructor.newInstance(arguments);
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause();
      if (cause instanceof IllegalArgumentException || cause instanceof DataException) {
        throw new Refusal(cause);
      }
      throw new IllegalStateException(constructor + " failed", cause);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(constructor + " cannot be called", e);
    }
  }
}
