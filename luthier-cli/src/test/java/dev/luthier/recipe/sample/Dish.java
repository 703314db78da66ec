package dev.luthier.recipe.sample;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A root record with every kind of component. */
public record Dish(
    String model,
    Source data,
    Stirrer optimizer,
    Pace train,
    List<Taste> evaluate,
    @Nullable Aim objective,
    Optional<Path> output,
    Map<String, String> labels) {
  public Dish(String model, Source data) {
    this(model, data, new Lion(), new Pace(), List.of(), null, Optional.empty(), Map.of());
  }
}
