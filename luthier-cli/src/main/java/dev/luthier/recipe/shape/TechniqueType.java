package dev.luthier.recipe.shape;

import dev.luthier.technique.Technique;
import dev.luthier.technique.TechniqueNames;

/**
 * A technique that a recipe can name.
 *
 * @param type the record that implements it
 * @param technique how it is declared
 */
public record TechniqueType(Class<?> type, Technique technique) {

  static TechniqueType of(Class<?> type) {
    Technique technique = type.getAnnotation(Technique.class);
    if (technique == null || !type.isRecord()) {
      throw new IllegalStateException(
          type.getName() + " is registered as a technique, but is no record with @Technique");
    }
    return new TechniqueType(type, technique);
  }

  /** The name in a recipe. */
  public String name() {
    return TechniqueNames.of(technique);
  }

  /** The keys it takes. */
  public RecordShape shape() {
    return Shapes.ofRecord(type);
  }
}
