package dev.luthier.recipe.shape;

import java.lang.reflect.RecordComponent;
import org.jspecify.annotations.Nullable;

/**
 * A key of a recipe.
 *
 * @param component the component of a record that the key stands for
 * @param shape what the key takes
 */
public record Key(RecordComponent component, Shape shape) {

  static Key of(RecordComponent component) {
    component.getAccessor().setAccessible(true);
    try {
      return new Key(component, Shapes.of(component.getAnnotatedType()));
    } catch (IllegalArgumentException e) {
      String owner = component.getDeclaringRecord().getName();
      throw new IllegalArgumentException(
          owner + "." + component.getName() + ": " + e.getMessage(), e);
    }
  }

  /** The key as a recipe writes it, in kebab-case. */
  public String name() {
    return Kebab.ofComponent(component.getName());
  }

  /** The name of the component. */
  String javaName() {
    return component.getName();
  }

  /** The component's value of a record. */
  @Nullable Object of(Object owner) {
    try {
      return component.getAccessor().invoke(owner);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(component + " cannot be read", e);
    }
  }
}
