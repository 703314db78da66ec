package dev.luthier.recipe.sample;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;

/** A technique. */
@Technique(id = "cross-entropy", name = "Cross-entropy", area = Area.OBJECTIVE)
@AutoService(Aim.class)
public record CrossEntropy(double labelSmoothing) implements Aim {
  public CrossEntropy() {
    this(0);
  }
}
