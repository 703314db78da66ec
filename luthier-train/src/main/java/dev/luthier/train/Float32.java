package dev.luthier.train;

import com.google.auto.service.AutoService;
import dev.luthier.model.Model;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import java.util.List;

/** Everything in float32, the format the weights are loaded in. */
@Technique(id = "float32", name = "Single precision", area = Area.PRECISION)
@AutoService(Precision.class)
public record Float32() implements Precision {
  @Override
  public List<String> apply(Model model) {
    return List.of();
  }
}
