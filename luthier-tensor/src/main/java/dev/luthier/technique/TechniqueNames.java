package dev.luthier.technique;

/** What recipes call techniques. */
public final class TechniqueNames {
  private TechniqueNames() {}

  /** The key in recipes, which is the id where no shorter one is given. */
  public static String of(Technique technique) {
    return technique.key().isEmpty() ? technique.id() : technique.key();
  }

  /** The same of the class of a technique; the class's own name where it is none. */
  public static String of(Class<?> type) {
    Technique technique = type.getAnnotation(Technique.class);
    return technique == null ? type.getSimpleName() : of(technique);
  }
}
