package dev.luthier.recipe.sample;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;

/** A technique. */
@Technique(id = "opt-adamw", key = "adamw", name = "AdamW", area = Area.OPTIMIZER)
@AutoService(Stirrer.class)
public record AdamW(double lr, double weightDecay) implements Stirrer {
  public AdamW() {
    this(2e-5, 0.01);
  }
}
