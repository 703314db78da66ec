package dev.luthier.cli;

import dev.luthier.data.image.Augmentation;
import dev.luthier.data.image.ImageSizes;
import dev.luthier.eval.metric.Metric;
import dev.luthier.recipe.Preset;
import dev.luthier.recipe.shape.Shapes;
import dev.luthier.recipe.shape.SocketShape;
import dev.luthier.train.Adaptation;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Listener;
import dev.luthier.train.Objective;
import dev.luthier.train.Precision;
import dev.luthier.train.Schedule;
import dev.luthier.train.Task;
import java.util.List;

/** The interfaces that techniques plug into. The one place that lists them. */
final class Sockets {
  /** All of them, in the order a recipe names them. */
  static final List<Class<?>> ALL =
      List.of(
          Task.class,
          Adaptation.class,
          Objective.class,
          GradientTransform.class,
          Schedule.class,
          Precision.class,
          Listener.class,
          Metric.class,
          Preset.class,
          ImageSizes.class,
          Augmentation.class);

  private Sockets() {}

  /** What a recipe can write where one of these interfaces stands. */
  static List<SocketShape> shapes() {
    return ALL.stream().map(Shapes::ofSocket).toList();
  }
}
