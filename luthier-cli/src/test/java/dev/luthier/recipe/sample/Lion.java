package dev.luthier.recipe.sample;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;

/** A technique. */
@Technique(id = "lion", name = "Lion", area = Area.OPTIMIZER, paper = "Chen et al. 2023")
@AutoService(Stirrer.class)
public record Lion(double lr, double beta1, double beta2, double weightDecay) implements Stirrer {
  public Lion {
    if (!(beta1 >= 0 && beta1 < 1)) {
      throw new IllegalArgumentException("beta1 must be in [0, 1), got " + beta1);
    }
  }

  public Lion() {
    this(1e-4, 0.9, 0.99, 0);
  }
}
