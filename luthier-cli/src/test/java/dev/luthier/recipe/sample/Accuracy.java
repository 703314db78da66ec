package dev.luthier.recipe.sample;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;

/** A technique. */
@Technique(id = "accuracy", name = "Accuracy", area = Area.METRIC)
@AutoService(Taste.class)
public record Accuracy() implements Taste {}
