package dev.luthier.recipe.sample;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;

/** A technique. */
@Technique(id = "r-drop", name = "R-Drop", area = Area.REGULARIZER)
@AutoService(Aim.class)
public record RDrop(double alpha, Aim of) implements Aim {
  public RDrop() {
    this(1, new CrossEntropy());
  }
}
