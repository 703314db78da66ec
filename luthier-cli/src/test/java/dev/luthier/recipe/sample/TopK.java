package dev.luthier.recipe.sample;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;

/** A technique. */
@Technique(id = "top-k", name = "Top-k accuracy", area = Area.METRIC)
@AutoService(Taste.class)
public record TopK(int k) implements Taste {
  public TopK {
    if (k < 1) {
      throw new IllegalArgumentException("k must be at least 1, got " + k);
    }
  }

  public TopK() {
    this(5);
  }
}
