package dev.luthier.technique;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Declares a technique where it stands. The recipe keys of a technique are the components of the
 * record that carries this annotation, in kebab-case; the record's no-argument constructor holds
 * their defaults. The list of techniques, the schema of recipes and the documentation are generated
 * from it.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Technique {
  /**
   * The identifier in the catalogue, which is also the name in a recipe unless {@link #key} is
   * given.
   */
  String id();

  /** The name in a recipe, where it differs from {@link #id}. */
  String key() default "";

  /** The name in the literature. */
  String name();

  /** What kind of technique this is. */
  Area area();

  /**
   * Authors, year and where to read it, for instance {@code "Hu et al. 2021, arXiv:2106.09685"}.
   */
  String paper() default "";
}
